import { describe, expect, it, vi } from 'vitest';

import { IllegalFrameError, ReceiptTimeoutError } from '../errors/index.js';
import type { Entry, TurnedAway } from './attempt-gate.js';
import { SharedDeadLetterStrategy } from './dead-letter/shared-dead-letter-strategy.js';
import { fakeDelivery, inFlightOf, noWaiting, processBench } from './delivery.fixture.js';
import { attemptsBefore } from './received-message.js';

const failing = () => Promise.reject(new Error('no'));
const lostConnection = () => new Error('the connection died');
/** As ActiveMQ shows an `ObjectMessage`. */
function withoutBody(headers: Readonly<Record<string, string>> = {}) {
  const delivery = fakeDelivery(headers);
  return { ...delivery, isCurrent: true, frame: { ...delivery.frame, body: Buffer.alloc(0) } };
}
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

describe('a dead letter that the broker refuses', () => {
  it('is tried again as long as the message is ours', async () => {
    const { timers, pauses } = noWaiting();
    const bench = processBench(failing, { policy: { maximumRedeliveries: 0 }, deadLetter: new SharedDeadLetterStrategy(), timers });
    const delivery = fakeDelivery({ persistent: 'true' });
    delivery.replaceWith.mockRejectedValueOnce(new Error('no answer'));
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect([delivery.replaceWith.mock.calls.length, pauses, bench.outcomes.map(({ kind }) => kind)]).toEqual([
      2,
      [5_000],
      ['dead-lettered'],
    ]);
  });

  it('is made by the broker when its frame would be illegal, or a copy of a Java object would be empty', async () => {
    const bench = processBench(failing, { policy: { maximumRedeliveries: 0 }, deadLetter: new SharedDeadLetterStrategy() });
    const illegal = fakeDelivery({ persistent: 'true' });
    illegal.replaceWith.mockRejectedValueOnce(new IllegalFrameError('its headers are too long'));
    await bench.process.run(inFlightOf(illegal));
    const empty = withoutBody({ persistent: 'true', 'message-id': 'ID:2' });
    await bench.process.run(inFlightOf(empty));
    expect([illegal, empty].map(({ replaceWith, reject }) => [replaceWith.mock.calls.length, reject.mock.calls.length])).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  it.each([
    ['is handed to the broker after it took twenty connections with it, one after the other', 'true', lostConnection, [0, 1]],
    ['is never, when the message is not persistent: the broker would drop it', 'false', lostConnection, [1, 0]],
    ['is not, when it was only not answered: its queue may be full', 'true', () => new ReceiptTimeoutError('late', 1), [1, 0]],
  ])('%s', async (_, persistent, reason, last) => {
    const deadLetter = new SharedDeadLetterStrategy({ processNonPersistent: true });
    const bench = processBench(failing, { policy: { maximumRedeliveries: 0 }, deadLetter });
    const deliveries = Array.from({ length: 21 }, () => fakeDelivery({ persistent }));
    for (const delivery of deliveries) {
      delivery.replaceWith.mockImplementationOnce(() => {
        delivery.lose();
        return Promise.reject(reason());
      });
      await bench.process.run(inFlightOf(delivery));
    }
    expect(deliveries.map(({ replaceWith, reject }) => [replaceWith.mock.calls.length, reject.mock.calls.length])).toEqual([
      ...Array.from({ length: 20 }, () => [1, 0]),
      last,
    ]);
  });
});

describe('a gate', () => {
  const bench = (...entries: readonly Entry[]) => {
    const left = [...entries];
    const handler = vi.fn(() => Promise.resolve('result'));
    const reply = vi.fn(() => Promise.resolve());
    const onUnavailable = vi.fn();
    const { timers, pauses } = noWaiting();
    const gate = { enter: () => Promise.resolve(left.shift()!) };
    return { ...processBench(handler, { timers, more: { gate, reply, onUnavailable } }), handler, reply, onUnavailable, pauses };
  };
  const entered = (completed: { kind: 'completed' } | TurnedAway = { kind: 'completed' }) => {
    const order: string[] = [];
    const attempt = {
      run: (handler: () => Promise<unknown>) => handler(),
      complete: vi.fn(() => Promise.resolve(completed)),
      release: vi.fn(() => Promise.resolve()),
    };
    return { order, attempt, entry: { kind: 'enter', attempt } as const };
  };

  it('is told before the reply and the acknowledgement that the handler has succeeded', async () => {
    const { attempt, entry } = entered();
    const { process, reply } = bench(entry);
    const delivery = fakeDelivery();
    await process.run(inFlightOf(delivery));
    const [completed, replied, acknowledged] = [attempt.complete, reply, delivery.acknowledge].map(
      (mock) => mock.mock.invocationCallOrder[0]!,
    );
    expect([completed! < replied!, replied! < acknowledged!]).toEqual([true, true]);
    expect(attempt.complete).toHaveBeenCalledWith('result');
  });

  it('is told before the next attempt that this one has failed', async () => {
    const { attempt, entry } = entered();
    const { process, handler, outcomes } = bench(entry, entered().entry);
    handler.mockRejectedValueOnce(new Error('no'));
    await process.run(inFlightOf(fakeDelivery()));
    expect([attempt.release.mock.calls.length, attempt.complete.mock.calls.length]).toEqual([1, 0]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['retrying', 'acknowledged']);
  });

  it('turns away what was handled before: its reply again, no handler, acknowledged', async () => {
    const { process, handler, reply, outcomes } = bench({ kind: 'completed', reason: 'handled before', result: { value: 'stored' } });
    const inFlight = inFlightOf(fakeDelivery());
    await process.run(inFlight);
    expect([handler.mock.calls.length, reply.mock.calls]).toEqual([0, [[inFlight.message, 'stored']]]);
    expect(outcomes.map(({ kind, reason }) => [kind, reason])).toEqual([['duplicate', 'handled before']]);
  });

  it('holds in the slot, and is asked again without an attempt being counted', async () => {
    const { process, handler, pauses, outcomes } = bench({ kind: 'hold', delay: 7, reason: 'busy' }, entered().entry);
    await process.run(inFlightOf(fakeDelivery()));
    expect([handler.mock.calls.length, pauses, outcomes.map(({ kind, attempts }) => [kind, attempts])]).toEqual([
      1,
      [7],
      [['acknowledged', 1]],
    ]);
  });

  it('defers by a stored copy whose attempts are not counted; without a confirmation it holds', async () => {
    const deferred = bench({ kind: 'defer', delay: 9, reason: 'busy' });
    const delivery = fakeDelivery({ deliveryCount: '3' });
    await deferred.process.run(inFlightOf(delivery));
    expect({ ...deferred.send.mock.calls[0]![0] }).toMatchObject({ AMQ_SCHEDULED_DELAY: '9', deliveryCount: '3' });
    expect([delivery.acknowledge.mock.calls.length, deferred.outcomes.map(({ kind }) => kind)]).toEqual([1, ['deferred']]);

    const held = bench({ kind: 'defer', delay: 9, reason: 'busy' }, entered().entry);
    held.send.mockRejectedValueOnce(new Error('no scheduler'));
    await held.process.run(inFlightOf(fakeDelivery()));
    expect([held.pauses, held.outcomes.map(({ kind }) => kind)]).toEqual([[9], ['acknowledged']]);
  });

  it('drops, refuses, and gives back what it cannot tell of', async () => {
    const dropped = bench({ kind: 'drop', reason: 'busy' });
    await dropped.process.run(inFlightOf(fakeDelivery()));
    const refused = bench({ kind: 'refuse', reason: 'no key', error: new Error('x') });
    await refused.process.run(inFlightOf(fakeDelivery()));
    const until = Promise.resolve();
    const unavailable = bench({ kind: 'unavailable', reason: 'no store', until });
    const delivery = fakeDelivery();
    await unavailable.process.run(inFlightOf(delivery));
    expect([dropped, refused, unavailable].map(({ outcomes }) => outcomes.map(({ kind, reason }) => [kind, reason]))).toEqual([
      [['duplicate', 'busy']],
      [['dead-lettered', 'no key']],
      [['released', 'no store']],
    ]);
    expect(unavailable.onUnavailable).toHaveBeenCalledExactlyOnceWith(until, 'no store');
    expect(delivery.acknowledge).not.toHaveBeenCalled();
  });

  it('can still turn away what its handler has done: it is not acknowledged as handled', async () => {
    const { process, outcomes } = bench(entered({ kind: 'hold', delay: 3, reason: 'the lease was lost' }).entry, {
      kind: 'completed',
      reason: 'the other one was first',
    });
    await process.run(inFlightOf(fakeDelivery()));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['duplicate']);
  });
});
