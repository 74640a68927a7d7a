import { describe, expect, it, vi } from 'vitest';

import { SharedDeadLetterStrategy } from './dead-letter/shared-dead-letter-strategy.js';
import { fakeDelivery, inFlightOf, noWaiting, processBench, withoutBody } from './delivery.fixture.js';
import { attemptsBefore } from './received-message.js';

const failing = () => Promise.reject(new Error('no'));
const once = { maximumRedeliveries: 1, initialRedeliveryDelay: 5 } as const;

describe("redelivery in mode 'scheduled'", () => {
  it('has a copy stored that counts the attempt, then acknowledges the message', async () => {
    const bench = processBench(failing, { policy: { ...once, mode: 'scheduled' } });
    const delivery = fakeDelivery({ persistent: 'true', scheduledJobId: 'old', idempotencyKey: 'k' });
    bench.send.mockImplementationOnce(() => {
      expect(delivery.acknowledge).not.toHaveBeenCalled();
      return Promise.resolve();
    });
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect(delivery.acknowledge).toHaveBeenCalledTimes(1);
    const [headers, body] = bench.send.mock.calls[0]!;
    expect({ ...headers }).toMatchObject({
      destination: '/queue/orders',
      AMQ_SCHEDULED_DELAY: '5',
      deliveryCount: '1',
      JMSXDeliveryCount: '2',
      originalMessageId: 'ID:1',
      idempotencyKey: 'k',
      persistent: 'true',
    });
    expect([headers['scheduledJobId'], body.toString()]).toEqual([undefined, '{}']);
    expect(bench.outcomes.map(({ kind, delay }) => [kind, delay])).toEqual([['retrying', 5]]);
  });

  it('leaves the copy the rest of its time to live, counted from when it comes back', async () => {
    const sent = async (headers: Readonly<Record<string, string>>) => {
      const bench = processBench(failing, { policy: { maximumRedeliveries: 1, initialRedeliveryDelay: 1_000, mode: 'scheduled' } });
      await bench.process.run(inFlightOf(fakeDelivery(headers)));
      return bench.send.mock.calls[0]?.[0]['expires'];
    };
    const expiration = Date.now() + 60_000;
    expect(await sent({ expires: String(expiration) })).toBe(String(expiration - 1_000));
    expect([await sent({ expires: '0' }), await sent({})]).toEqual([undefined, undefined]);
  });

  it("counts nothing from a header of that name in what is no copy, nor more than ActiveMQ's counter holds", () => {
    const countOf = (headers: Readonly<Record<string, string>>) => attemptsBefore(inFlightOf(fakeDelivery(headers)).message);
    expect(countOf({ deliveryCount: '5' })).toBe(0);
    expect(countOf({ deliveryCount: '5', originalMessageId: 'ID:0' })).toBe(5);
    expect(countOf({ deliveryCount: '5', originalMessageId: 'ID:0', deadLetterReason: 'moved back by hand' })).toBe(0);
    expect(countOf({ deliveryCount: '999999999999999', originalMessageId: 'ID:0' })).toBe(1_000_000);
  });

  it('counts on from what the copy says, and gives it up at the limit', async () => {
    const seen: number[] = [];
    const bench = processBench(
      (message) => {
        seen.push(message.deliveryCount);
        return failing();
      },
      { policy: { ...once, mode: 'scheduled' }, deadLetter: new SharedDeadLetterStrategy() },
    );
    const delivery = fakeDelivery({ persistent: 'true', deliveryCount: '1', firstFailedAt: '17', originalMessageId: 'ID:0' });
    await bench.process.run(inFlightOf(delivery));
    expect([seen, bench.send.mock.calls.length]).toEqual([[2], 0]);
    expect({ ...delivery.replaceWith.mock.calls[0]![0] }).toMatchObject({
      deliveryCount: '2',
      firstFailedAt: '17',
      originalMessageId: 'ID:0',
      deadLetterReason: 'its one redelivery is used up',
    });
  });

  it.each(['-1', '1e9', 'many', '', '99999999999999999999'])(
    'begins with the first attempt where a hostile copy says %j',
    async (count) => {
      const seen: number[] = [];
      const bench = processBench((message) => Promise.resolve(void seen.push(message.deliveryCount)));
      await bench.process.run(inFlightOf(fakeDelivery({ deliveryCount: count, originalMessageId: 'ID:0' })));
      expect(seen).toEqual([1]);
    },
  );

  it('waits here when the copy is not confirmed: nothing is lost', async () => {
    const handler = vi.fn(() => (handler.mock.calls.length === 1 ? failing() : Promise.resolve()));
    const { timers, pauses } = noWaiting();
    const bench = processBench(handler, { policy: { ...once, mode: 'scheduled' }, timers });
    bench.send.mockRejectedValueOnce(new Error('no broker'));
    const delivery = fakeDelivery();
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect([handler.mock.calls.length, pauses, delivery.acknowledge.mock.calls.length]).toEqual([2, [5], 1]);
  });

  it('waits here when a copy would be empty: STOMP shows nothing of a Java object', async () => {
    const handler = vi.fn(() => (handler.mock.calls.length === 1 ? failing() : Promise.resolve()));
    const { timers, pauses } = noWaiting();
    const bench = processBench(handler, { policy: { ...once, mode: 'scheduled' }, timers });
    const delivery = withoutBody();
    await bench.process.run(inFlightOf(delivery));
    expect([bench.send.mock.calls.length, pauses, delivery.acknowledge.mock.calls.length]).toEqual([0, [5], 1]);
  });

  it('sends no copy of a message that the broker has taken back meanwhile: there would be two', async () => {
    const delivery = fakeDelivery();
    const inFlight = inFlightOf(delivery);
    const bench = processBench(
      () => {
        delivery.lose();
        inFlight.interrupt();
        return failing();
      },
      { policy: { ...once, mode: 'scheduled' } },
    );
    expect(await bench.process.run(inFlight)).toBe('settled');
    expect([bench.send.mock.calls.length, bench.memory.failuresOf(inFlight.key).attempts]).toEqual([0, 1]);
  });

  it('acknowledges the original, should it come again because its acknowledgement got lost', async () => {
    const handler = vi.fn(failing);
    const bench = processBench(handler, { policy: { ...once, mode: 'scheduled' } });
    const lost = fakeDelivery();
    bench.send.mockImplementationOnce(() => Promise.resolve(lost.lose()));
    await bench.process.run(inFlightOf(lost));
    await bench.process.run(inFlightOf(fakeDelivery()));
    expect(handler).toHaveBeenCalledTimes(1);
    expect(bench.outcomes.map(({ kind }) => kind)).toEqual(['retrying', 'duplicate']);
  });
});

describe('non-blocking redelivery', () => {
  it('frees the slot while the message waits', async () => {
    const { timers, pauses } = noWaiting();
    const bench = processBench(failing, { policy: { ...once, nonBlockingRedelivery: true }, timers });
    const inFlight = inFlightOf(fakeDelivery());
    expect([await bench.process.run(inFlight), pauses]).toEqual(['waiting', [5]]);
    await vi.waitFor(() => expect(bench.onRecover).toHaveBeenCalledExactlyOnceWith(inFlight));
  });

  it('takes up its wait later when its attempt ends while it is postponed', async () => {
    const inFlight = inFlightOf(fakeDelivery());
    const handler = vi.fn(() => {
      inFlight.postpone();
      return failing();
    });
    const { timers, pauses } = noWaiting();
    const bench = processBench(handler, { policy: { ...once, nonBlockingRedelivery: true }, timers });
    expect(await bench.process.run(inFlight)).toBe('postponed');
    expect([pauses, bench.onRecover.mock.calls.length, bench.onSettledLate.mock.calls.length]).toEqual([[], 0, 0]);
    inFlight.resumed();
    expect(await bench.process.run(inFlight)).toBe('waiting');
    await vi.waitFor(() => expect(bench.onRecover).toHaveBeenCalledExactlyOnceWith(inFlight));
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('gives the message back when its delivery is void meanwhile', async () => {
    const bench = processBench(failing, {
      policy: { maximumRedeliveries: 1, initialRedeliveryDelay: 60_000, nonBlockingRedelivery: true },
    });
    const inFlight = inFlightOf(fakeDelivery());
    await bench.process.run(inFlight);
    inFlight.interrupt();
    await vi.waitFor(() => expect(bench.onSettledLate).toHaveBeenCalledExactlyOnceWith(inFlight));
    expect(bench.outcomes.map(({ kind }) => kind)).toEqual(['retrying', 'released']);
  });
});

describe('a message that expires', () => {
  it('never reaches its handler, and follows processExpired', async () => {
    const handler = vi.fn(() => Promise.resolve());
    for (const [processExpired, kind] of [
      [true, 'dead-lettered'],
      [false, 'discarded'],
    ] as const) {
      const bench = processBench(handler, { deadLetter: new SharedDeadLetterStrategy({ processExpired }) });
      await bench.process.run(inFlightOf(fakeDelivery({ persistent: 'true', expires: String(Date.now() - 1) })));
      expect(bench.outcomes.map((outcome) => [outcome.kind, outcome.reason])).toEqual([[kind, 'expired']]);
    }
    expect(handler).not.toHaveBeenCalled();
  });

  it('before its next attempt is not waited for', async () => {
    const bench = processBench(failing, { policy: { initialRedeliveryDelay: 60_000 }, deadLetter: new SharedDeadLetterStrategy() });
    const delivery = fakeDelivery({ persistent: 'true', expires: String(Date.now() + 30_000) });
    await bench.process.run(inFlightOf(delivery));
    expect({ ...delivery.replaceWith.mock.calls[0]![0] }).toMatchObject({ deadLetterReason: 'expired', deadLetterErrorClass: 'Error' });
  });
});
