import { describe, expect, it, vi } from 'vitest';

import { BatchListenerFailedError, ConfigurationError, NonRetryableError } from '../errors/index.js';
import { fakeDelivery, inFlightOf } from './delivery.fixture.js';
import { BatchLane } from './batch-lane.js';
import { type BatchHandler, runBatch } from './batch-run.js';
import { SYSTEM_TIMERS } from './delivery-timers.js';

const messages = (count: number) =>
  Array.from({ length: count }, (_, index) => inFlightOf(fakeDelivery({ 'message-id': `ID:${index}` })).message);
const handled = { isHandled: true };
const failed = (error: unknown) => ({ isHandled: false, error });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('runBatch', () => {
  it.each([
    [undefined],
    [[]],
    [[{ status: 'rejected' }]],
    ['done'],
    [[1, 2]],
    [[{ status: 'fulfilled', value: 1 }]],
    [[{ status: 'rejected', reason: 1 }, 2]],
  ])('takes %j for a success: it is not what Promise.allSettled() makes of this batch', async (returned) => {
    expect(await runBatch(() => Promise.resolve(returned), messages(2))).toEqual([handled, handled]);
  });

  it.each([[1], [3]])(
    'fails all when %d promises were settled for two messages and one was rejected: nobody knows whose it is',
    async (count) => {
      const cause = new Error('no');
      const results = await runBatch(() => Promise.allSettled(Array.from({ length: count }, () => Promise.reject(cause))), messages(2));
      const error = expect.objectContaining({
        code: 'ERR_AMQ_BATCH_FAILED',
        message: expect.stringMatching(new RegExp(`returned ${count} settled results? for 2 messages.*BatchListenerFailedError`)) as string,
        cause,
      }) as unknown;
      expect(results).toEqual([failed(error), failed(error)]);
    },
  );

  it('does not handle them anew one by one, even when no retry could help what was rejected', async () => {
    const handler = vi.fn(() => Promise.allSettled([Promise.reject(new NonRetryableError('no'))]));
    await runBatch(handler, messages(2));
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it.each([
    [2, 2, 'index 2 for a batch of 2 messages'],
    [1, 1, 'index 1 for a batch of 1 message'],
    [-1, 2, 'index -1 for'],
    [0.5, 2, 'index 0.5 for'],
    ['1', 2, 'index "1" for'],
    [undefined, 2, 'index undefined for'],
  ])('fails all when the failures name message %o of %s, with the index and the error that was given', async (index, count, what) => {
    const cause = new TypeError('no stock');
    const failures = [
      { index: 0, error: 'another' },
      { index: index as number, error: cause },
    ];
    const results = await runBatch(() => Promise.reject(new BatchListenerFailedError({ failures })), messages(count));
    const error = expect.objectContaining({
      code: 'ERR_AMQ_BATCH_FAILED',
      retryable: true,
      message: expect.stringMatching(new RegExp(`${what}.* count from 0.* TypeError: no stock$`)) as string,
      cause,
    }) as unknown;
    expect(results).toEqual(Array.from({ length: count }, () => failed(error)));
  });

  it('takes what a second copy of the package throws, too', async () => {
    const error = new BatchListenerFailedError({ failures: [{ index: 2, error: 'x' }] });
    const copy = Object.create(error, { failures: { value: [{ index: 1, error: 'y' }] } }) as Error;
    expect(await runBatch(() => Promise.reject(copy), messages(2))).toEqual([handled, failed('y')]);
  });

  it('fails all when the list of failures is none', async () => {
    const copy = Object.create(new BatchListenerFailedError({ failures: [{ index: 0, error: 'x' }] }), {
      failures: { value: 'x' },
    }) as Error;
    expect(await runBatch(() => Promise.reject(copy), messages(2))).toEqual([failed(copy), failed(copy)]);
  });

  it.each([
    ['a failure that is undefined', () => new BatchListenerFailedError({ failures: [undefined as never] })],
    ['a failure that is null', () => new BatchListenerFailedError({ failures: [null as never] })],
    ['a failure that cannot be looked at', () => new BatchListenerFailedError({ failures: [revoked() as never] })],
    ['an error that cannot be looked at', revoked],
  ])('fails all after %s', async (_what, make) => {
    const error = make();
    const results = await runBatch(() => Promise.reject(error), messages(2));
    expect(results.map((result) => !result.isHandled && Object.is(result.error, error))).toEqual([true, true]);
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

  it('fails the messages that wait for it, and stays usable, whatever its handler throws', async () => {
    const [first, second] = messages(2) as [never, never];
    const handler = vi
      .fn<BatchHandler>()
      .mockRejectedValueOnce(new BatchListenerFailedError({ failures: [undefined as never] }))
      .mockResolvedValue(undefined);
    const lane = new BatchLane([first, second], { handler, timeout: 1, timers: SYSTEM_TIMERS, prepare: () => undefined });
    const both = () => Promise.allSettled([lane.handle(first), lane.handle(second)]);
    expect((await both()).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await both()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('waits at least 100 ms for what is held up, however short the batch waits to be filled', async () => {
    const [first, second] = messages(2) as [never, never];
    const waits: number[] = [];
    const timers = { now: () => 0, setTimeout: (_: () => void, delay: number) => waits.push(delay), clearTimeout: () => undefined };
    const handler = vi.fn<BatchHandler>(() => Promise.resolve());
    const lane = new BatchLane([first, second], { handler, timeout: 1, timers, prepare: () => undefined });
    const waiting = lane.handle(first);
    await vi.waitFor(() => expect(waits).toEqual([100]));
    expect(handler).not.toHaveBeenCalled();
    lane.left(second);
    await waiting;
  });
});
