import { describe, expect, it, vi } from 'vitest';

import { BatchListenerFailedError, ConfigurationError, NonRetryableError } from '../errors/index.js';
import { fakeDelivery, inFlightOf } from './delivery.fixture.js';
import { BatchLane } from './batch-lane.js';
import { runBatch } from './batch-run.js';
import { SYSTEM_TIMERS } from './delivery-timers.js';

const messages = (count: number) =>
  Array.from({ length: count }, (_, index) => inFlightOf(fakeDelivery({ 'message-id': `ID:${index}` })).message);
const handled = { isHandled: true };
const failed = (error: unknown) => ({ isHandled: false, error });

describe('runBatch', () => {
  it.each([[undefined], [[]], [[{ status: 'rejected' }]], ['done'], [[1, 2]], [[{ status: 'rejected', reason: 1 }]]])(
    'takes %j for a success: it is not what Promise.allSettled() makes of this batch',
    async (returned) => {
      expect(await runBatch(() => Promise.resolve(returned), messages(2))).toEqual([handled, handled]);
    },
  );

  it('fails all when the failures name a message that is not there, and what a second copy of the package throws counts, too', async () => {
    const error = new BatchListenerFailedError({ failures: [{ index: 2, error: 'x' }] });
    expect(await runBatch(() => Promise.reject(error), messages(2))).toEqual([failed(error), failed(error)]);
    const copy = Object.create(error, { failures: { value: [{ index: 1, error: 'y' }] } }) as Error;
    expect(await runBatch(() => Promise.reject(copy), messages(2))).toEqual([handled, failed('y')]);
  });

  it('fails all when the list of failures is none', async () => {
    const copy = Object.create(new BatchListenerFailedError({ failures: [{ index: 0, error: 'x' }] }), {
      failures: { value: 'x' },
    }) as Error;
    expect(await runBatch(() => Promise.reject(copy), messages(2))).toEqual([failed(copy), failed(copy)]);
  });

  it('tries each message alone after an error that no retry can help, once', async () => {
    const error = new NonRetryableError('no');
    const handler = vi.fn(() => Promise.reject(error));
    expect(await runBatch(handler, messages(2))).toEqual([failed(error), failed(error)]);
    expect(handler).toHaveBeenCalledTimes(3);
  });

  it('has no error without a failure', () => {
    expect(() => new BatchListenerFailedError({ failures: [] })).toThrow(ConfigurationError);
  });
});

describe('BatchLane', () => {
  it('waits a little for a message that is held up, and handles it by itself when it comes', async () => {
    const [first, second, third] = messages(3) as [never, never, never];
    const batches: unknown[][] = [];
    const lane = new BatchLane([first, second, third], {
      handler: (batch) => Promise.resolve(void batches.push([...batch])),
      timeout: 1,
      timers: SYSTEM_TIMERS,
      prepare: () => undefined,
    });
    // In the order of delivery, whoever comes first.
    await Promise.all([lane.handle(second), lane.handle(first)]);
    expect(batches).toEqual([[first, second]]);
    for (const message of [first, second]) lane.left(message);
    await lane.handle(third);
    expect([batches.length, lane.isEmpty]).toEqual([2, false]);
    lane.left(third);
    expect(lane.isEmpty).toBe(true);
  });
});
