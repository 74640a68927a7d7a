import { BadRequestException } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MessageConversionError, NonRetryableError } from '../errors/index.js';
import { DiscardingDeadLetterStrategy } from './dead-letter/discarding-dead-letter-strategy.js';
import { fakeDelivery, inFlightOf, lateEnd, processBench } from './delivery.fixture.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

const failing = () =>
  vi.fn(() => {
    throw new Error('no');
  });

describe('a handler that succeeds', () => {
  it('is acknowledged after it, not before', async () => {
    const delivery = fakeDelivery();
    let finish!: () => void;
    const { process } = processBench(() => new Promise<void>((resolve) => (finish = resolve)));
    const run = process.run(inFlightOf(delivery));
    await Promise.resolve();
    expect(delivery.acknowledge).not.toHaveBeenCalled();
    finish();
    expect(await run).toBe('settled');
    expect(delivery.acknowledge).toHaveBeenCalledTimes(1);
    expect(delivery.reject).not.toHaveBeenCalled();
  });

  it('is not run again for another copy of its message: that copy is acknowledged', async () => {
    const handler = vi.fn(() => Promise.resolve());
    const { process, settlement } = processBench(handler);
    const lost = fakeDelivery();
    lost.lose();
    await process.run(inFlightOf(lost));
    const again = fakeDelivery();
    await process.run(inFlightOf(again));
    expect(handler).toHaveBeenCalledTimes(1);
    expect(again.acknowledge).toHaveBeenCalledTimes(1);
    expect(settlement.report.counts).toMatchObject({ acknowledged: 1, duplicates: 1 });
  });

  it('is run for a copy on another destination: virtual topics share message ids', async () => {
    const handler = vi.fn(() => Promise.resolve());
    const { process } = processBench(handler);
    await process.run(inFlightOf(fakeDelivery({ destination: '/queue/Consumer.A.VirtualTopic.x' })));
    await process.run(inFlightOf(fakeDelivery({ destination: '/queue/Consumer.B.VirtualTopic.x' })));
    expect(handler).toHaveBeenCalledTimes(2);
  });
});

describe('a message that another subscription of the listener delivered before it lost its connection', () => {
  it.each([
    ['acknowledged unhandled when its handler there succeeds', undefined, [1, 1, 0]],
    ['tried when that one fails', new Error('no'), [2, 0, 1]],
  ])('is %s', async (_, error, [runs, duplicates, redeliveries]) => {
    let end!: () => void;
    const first = new Promise<void>((resolve, reject) => (end = () => (error ? reject(error) : resolve())));
    const handler = vi.fn(() => (handler.mock.calls.length === 1 ? first : Promise.resolve()));
    const { process, settlement } = processBench(handler, { policy: { initialRedeliveryDelay: 0 } });
    const [delivery, again] = [fakeDelivery(), fakeDelivery({ redelivered: 'true' })];
    const inFlight = inFlightOf(delivery);
    const run = process.run(inFlight);
    delivery.lose();
    inFlight.interrupt();
    const second = inFlightOf(again);
    const other = process.run(second);
    await vi.advanceTimersByTimeAsync(1);
    expect([handler.mock.calls.length, second.isWaiting]).toEqual([1, true]);
    end();
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([run, other]);
    expect(handler).toHaveBeenCalledTimes(runs!);
    expect(again.acknowledge).toHaveBeenCalledTimes(1);
    expect(settlement.report.counts).toMatchObject({ duplicates, redeliveries });
  });

  it('is given back when its listener stops meanwhile', async () => {
    const { process, settlement } = processBench(() => new Promise(() => undefined));
    void process.run(inFlightOf(fakeDelivery()));
    const inFlight = inFlightOf(fakeDelivery());
    const run = process.run(inFlight);
    inFlight.interrupt();
    expect([await run, settlement.report.counts.released]).toEqual(['settled', 1]);
  });
});

describe('a message that is discarded', () => {
  it('is not handled anew when its acknowledgement got lost with the connection', async () => {
    const handler = failing();
    const { process, settlement } = processBench(handler, {
      deadLetter: new DiscardingDeadLetterStrategy(),
      policy: { maximumRedeliveries: 0 },
    });
    const lost = fakeDelivery();
    const run = process.run(inFlightOf(lost));
    lost.lose();
    await run;
    const again = fakeDelivery({ redelivered: 'true' });
    await process.run(inFlightOf(again));
    expect(handler).toHaveBeenCalledTimes(1);
    expect(again.acknowledge).toHaveBeenCalledTimes(1);
    expect(settlement.report.counts).toMatchObject({ discarded: 1, duplicates: 1 });
  });
});

it.each(['ack', 'discard'] as const)(
  'what its error handler ends with %s is not handled anew when the acknowledgement got lost with the connection',
  async (decision) => {
    const handler = failing();
    const { process, outcomes } = processBench(handler, { errorHandler: () => decision });
    const delivery = fakeDelivery();
    const run = process.run(inFlightOf(delivery));
    delivery.lose();
    await run;
    const again = fakeDelivery();
    await process.run(inFlightOf(again));
    expect([handler.mock.calls.length, again.acknowledge.mock.calls.length, outcomes.at(-1)?.kind]).toEqual([1, 1, 'duplicate']);
  },
);

describe('a handler that fails', () => {
  it('gets maximumRedeliveries + 1 attempts at the times the policy says, then the message is rejected once', async () => {
    const at: number[] = [];
    const counts: number[] = [];
    let now = 0;
    const { process, settlement, logger } = processBench(
      (message) => {
        at.push(now);
        counts.push(message.deliveryCount);
        return Promise.reject(new Error('no'));
      },
      { policy: { maximumRedeliveries: 3, initialRedeliveryDelay: 10, useExponentialBackOff: true, backOffMultiplier: 2 } },
    );
    const delivery = fakeDelivery();
    const run = process.run(inFlightOf(delivery));
    for (; now < 200 && delivery.reject.mock.calls.length === 0; now++) await vi.advanceTimersByTimeAsync(1);
    expect(await run).toBe('settled');
    // One tick of the test's clock is over when a timer fires.
    expect(at).toEqual([0, 9, 29, 69]);
    expect(counts).toEqual([1, 2, 3, 4]);
    expect(delivery.reject).toHaveBeenCalledTimes(1);
    expect(delivery.acknowledge).not.toHaveBeenCalled();
    expect(settlement.report.counts).toEqual({
      acknowledged: 0,
      duplicates: 0,
      redeliveries: 3,
      deadLettered: 1,
      discarded: 0,
      deferred: 0,
      released: 0,
    });
    expect(logger.lines.map((line) => line.replace(/^(\w+): Listener 'orders': message ID:1 of queue:\/\/orders/, '$1'))).toEqual([
      'warn failed, attempt 1 of 4, next in 10 ms: Error: no',
      'warn failed, attempt 2 of 4, next in 20 ms: Error: no',
      'warn failed, attempt 3 of 4, next in 40 ms: Error: no',
      'error is dead-lettered by the broker after 4 attempts, its 3 redeliveries are used up: Error: no',
    ]);
  });

  it('gets no second attempt with maximumRedeliveries 0', async () => {
    const handler = failing();
    const { process } = processBench(handler, { policy: { maximumRedeliveries: 0 } });
    const delivery = fakeDelivery();
    await process.run(inFlightOf(delivery));
    expect(handler).toHaveBeenCalledTimes(1);
    expect(delivery.reject).toHaveBeenCalledTimes(1);
  });

  it('gets attempts without end with maximumRedeliveries -1', async () => {
    const handler = failing();
    const { process, logger } = processBench(handler, {
      policy: { maximumRedeliveries: -1, initialRedeliveryDelay: 1, redeliveryDelay: 1 },
    });
    const inFlight = inFlightOf(fakeDelivery());
    const run = process.run(inFlight);
    await vi.advanceTimersByTimeAsync(500);
    expect(handler.mock.calls.length).toBeGreaterThan(400);
    expect(logger.lines[0]).toContain('attempt 1, next in 1 ms');
    inFlight.interrupt();
    expect(await run).toBe('settled');
  });

  it('may succeed at a later attempt: then the message is acknowledged', async () => {
    let left = 2;
    const { process, memory } = processBench(() => (left-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve()));
    const delivery = fakeDelivery();
    const inFlight = inFlightOf(delivery);
    const run = process.run(inFlight);
    await vi.advanceTimersByTimeAsync(2_000);
    await run;
    expect(delivery.acknowledge).toHaveBeenCalledTimes(1);
    expect(delivery.reject).not.toHaveBeenCalled();
    expect(memory.failuresOf(inFlight.key).attempts).toBe(0);
  });

  it.each([new NonRetryableError('cancelled'), new MessageConversionError('no JSON'), new BadRequestException('not valid')])(
    'is not tried again after %s',
    async (error) => {
      const handler = vi.fn(async () => {
        throw error;
      });
      const { process, logger } = processBench(handler);
      const delivery = fakeDelivery();
      await process.run(inFlightOf(delivery));
      expect(handler).toHaveBeenCalledTimes(1);
      expect(delivery.reject).toHaveBeenCalledTimes(1);
      expect(logger.lines).toHaveLength(1);
      expect(logger.lines[0]).toContain('is dead-lettered by the broker after 1 attempt, the error is not retryable');
    },
  );

  it('counts attempts on through a lost connection, and waits for the rest of the delay', async () => {
    const handler = failing();
    const { process } = processBench(handler, { policy: { maximumRedeliveries: 1, initialRedeliveryDelay: 50 } });
    const first = inFlightOf(fakeDelivery());
    const run = process.run(first);
    await vi.advanceTimersByTimeAsync(10);
    first.interrupt();
    await run;
    const delivery = fakeDelivery();
    const again = process.run(inFlightOf(delivery));
    await vi.advanceTimersByTimeAsync(30);
    expect(handler).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(20);
    await again;
    expect(handler).toHaveBeenCalledTimes(2);
    expect(delivery.reject).toHaveBeenCalledTimes(1);
  });

  it('takes its wait up again when that was postponed, and no attempt is used up', async () => {
    const handler = failing();
    const { process, outcomes } = processBench(handler, { policy: { maximumRedeliveries: 1, initialRedeliveryDelay: 50 } });
    const inFlight = inFlightOf(fakeDelivery());
    for (let n = 0; n < 5; n++) {
      const run = process.run(inFlight);
      await vi.advanceTimersByTimeAsync(5);
      inFlight.postpone();
      expect(await run).toBe('postponed');
      inFlight.resumed();
    }
    expect(handler).toHaveBeenCalledTimes(1);
    const run = process.run(inFlight);
    await vi.advanceTimersByTimeAsync(50);
    expect(await run).toBe('settled');
    expect([handler.mock.calls.length, outcomes.map(({ kind }) => kind)]).toEqual([2, ['retrying', 'dead-lettered']]);
  });

  it('gives the message back when the pause before its next attempt is interrupted', async () => {
    const handler = failing();
    const { process, settlement } = processBench(handler);
    const delivery = fakeDelivery();
    const inFlight = inFlightOf(delivery);
    const run = process.run(inFlight);
    await vi.advanceTimersByTimeAsync(500);
    inFlight.interrupt();
    expect(await run).toBe('settled');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(handler).toHaveBeenCalledTimes(1);
    expect([delivery.acknowledge.mock.calls.length, delivery.reject.mock.calls.length]).toEqual([0, 0]);
    expect(settlement.report.counts).toMatchObject({ released: 1, redeliveries: 1 });
  });
});
describe('a late decision', () => {
  it('that cannot be carried out is told, and ends nothing but itself', async () => {
    let decide!: () => void;
    const { process, logger, onDecidedLate } = processBench(
      (_message, acknowledgment) => {
        decide = () => acknowledgment.acknowledge();
        return Promise.resolve();
      },
      { ackMode: 'manual' },
    );
    const delivery = fakeDelivery();
    delivery.acknowledge.mockImplementation(() => {
      throw new TypeError('a bug');
    });
    expect(await process.run(inFlightOf(delivery))).toBe('undecided');
    decide();
    expect(await lateEnd(onDecidedLate)).toBe('settled');
    expect(logger.lines).toEqual([
      "warn: Listener 'orders': message ID:1 of queue://orders could not be settled, and stays unacknowledged: TypeError: a bug",
    ]);
  });
});
