import { describe, expect, it, vi } from 'vitest';

import { ConnectionClosedError } from '../errors/index.js';
import { stompHeaders } from '../stomp/frame.js';
import { BrokerDeadLetterStrategy } from './dead-letter/broker-dead-letter-strategy.js';
import type { DeadLetterStrategy } from './dead-letter/dead-letter-strategy.js';
import { IndividualDeadLetterStrategy } from './dead-letter/individual-dead-letter-strategy.js';
import { SharedDeadLetterStrategy } from './dead-letter/shared-dead-letter-strategy.js';
import { fakeDelivery, inFlightOf, noWaiting, processBench } from './delivery.fixture.js';

const failing = () => Promise.reject(new Error('no'));
async function* showsItsDeadLetter() {
  yield {
    command: 'MESSAGE',
    headers: stompHeaders({ 'message-id': 'ID:1', 'original-destination': '/queue/orders' }),
    body: Buffer.alloc(0),
  };
}
const once = { maximumRedeliveries: 1, initialRedeliveryDelay: 5 } as const;

describe('what is a dead letter already', () => {
  const named = new BrokerDeadLetterStrategy({ policy: new SharedDeadLetterStrategy({ deadLetterQueue: 'orders.dead' }) });
  it.each([
    ['ActiveMQ.DLQ', new SharedDeadLetterStrategy()],
    ['DLQ.orders', new BrokerDeadLetterStrategy()],
    ['orders.dead', new SharedDeadLetterStrategy({ deadLetterQueue: 'orders.dead' })],
    ['orders.dead', named],
  ])('is never rejected, which would destroy it: on %s', async (queue, deadLetter) => {
    const { timers, pauses } = noWaiting();
    const bench = processBench(failing, { policy: { ...once, mode: 'broker' }, deadLetter, timers });
    const delivery = fakeDelivery({ destination: `/queue/${queue}`, persistent: 'true' });
    expect(await bench.process.run(inFlightOf(delivery))).toBe('kept');
    expect([delivery.reject, delivery.replaceWith, delivery.acknowledge].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
    expect([pauses, bench.outcomes.map(({ kind }) => kind)]).toEqual([[5], ['retrying', 'kept']]);
  });

  it('is dropped when it has expired', async () => {
    const bench = processBench(failing, { deadLetter: named });
    const delivery = fakeDelivery({ destination: '/queue/orders.dead', expires: '1' });
    await bench.process.run(inFlightOf(delivery));
    expect([delivery.reject.mock.calls.length, delivery.acknowledge.mock.calls.length, bench.outcomes.map(({ kind }) => kind)]).toEqual([
      0,
      1,
      ['discarded'],
    ]);
  });
});

describe("redelivery in mode 'broker'", () => {
  it('rejects the message, and again while it is ours and the broker does not answer', async () => {
    const { timers, pauses } = noWaiting();
    const bench = processBench(failing, { policy: { ...once, mode: 'broker' }, timers });
    const delivery = fakeDelivery();
    delivery.reject.mockRejectedValueOnce(new Error('no answer'));
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect([delivery.reject.mock.calls.length, pauses]).toEqual([2, [5_000]]);
    expect(bench.outcomes.map(({ kind, delay }) => [kind, delay])).toEqual([['retrying', undefined]]);
  });

  it('looks for a dead letter before it rejects anew what it still has', async () => {
    const { timers } = noWaiting();
    const deadLetter = new SharedDeadLetterStrategy();
    const bench = processBench(failing, { policy: { ...once, mode: 'broker' }, deadLetter, timers });
    bench.browse.mockImplementation(showsItsDeadLetter);
    const delivery = fakeDelivery();
    delivery.reject.mockRejectedValueOnce(new Error('no answer'));
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect([delivery.reject.mock.calls.length, delivery.acknowledge.mock.calls.length]).toEqual([1, 1]);
    expect(bench.outcomes.map(({ kind }) => kind)).toEqual(['dead-lettered']);
  });

  describe('whose broker died before it answered a rejection', () => {
    /** A message whose rejection was not answered, and what may lie in the dead letter queue meanwhile. */
    const rejected = async (lying: Readonly<Record<string, string>> | Error | undefined, deadLetter: DeadLetterStrategy) => {
      const handler = vi.fn(failing);
      const bench = processBench(handler, { policy: { ...once, mode: 'broker' }, deadLetter });
      bench.browse.mockImplementation(async function* ({ physicalName }, { selector }) {
        if (lying instanceof Error) throw lying;
        // The broker shows it only to who looks through the whole queue.
        if (lying && physicalName === 'DLQ.orders' && selector === undefined)
          yield { command: 'MESSAGE', headers: stompHeaders({ 'message-id': 'ID:1', ...lying }), body: Buffer.alloc(0) };
      });
      const first = fakeDelivery();
      first.reject.mockImplementationOnce(() => {
        first.lose();
        return Promise.reject(new ConnectionClosedError('killed'));
      });
      await bench.process.run(inFlightOf(first));
      const second = fakeDelivery({ redelivered: 'true', persistent: 'true' });
      expect(await bench.process.run(inFlightOf(second))).toBe('settled');
      return { bench, handler, second };
    };
    const individual = new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' });

    it.each([
      ['a strategy', individual],
      ["the broker's policy", new BrokerDeadLetterStrategy({ policy: individual })],
    ])('acknowledges the message when its dead letter lies there: where %s puts it', async (_, deadLetter) => {
      const { bench, handler, second } = await rejected({ 'original-destination': '/queue/orders' }, deadLetter);
      expect(handler).toHaveBeenCalledTimes(1);
      expect([second.acknowledge, second.reject, second.replaceWith].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
      expect(bench.outcomes).toMatchObject([{ kind: 'dead-lettered', attempts: 1, deadLetterDestination: 'queue://DLQ.orders' }]);
      expect(bench.browse.mock.calls.map(([, settings]) => settings)).toEqual([
        { selector: "JMSMessageID IN ('ID:1')" },
        { limit: 10_000 },
      ]);
      // Its acknowledgement may be lost too.
      second.lose();
      const third = fakeDelivery({ redelivered: 'true', persistent: 'true' });
      await bench.process.run(inFlightOf(third));
      expect([handler.mock.calls.length, third.acknowledge.mock.calls.length]).toEqual([1, 1]);
    });

    it.each([
      ['there is none', undefined],
      [
        'it is the dead letter of another copy, which has the same id',
        { 'original-destination': '/queue/Consumer.other.VirtualTopic.orders' },
      ],
      ['another message of the queue lies there', { 'message-id': 'ID:2', 'original-destination': '/queue/orders' }],
      ['the broker does not say', new Error('no answer')],
    ])('tries the message again when %s', async (_, lying) => {
      const { bench, handler, second } = await rejected(lying, individual);
      expect(handler).toHaveBeenCalledTimes(2);
      expect(second.replaceWith).toHaveBeenCalledTimes(1);
      expect(bench.outcomes.map(({ kind, attempts }) => [kind, attempts])).toEqual([['dead-lettered', 2]]);
    });

    it('looks for no dead letter of a message of a topic: those of other subscribers have the same id', async () => {
      const handler = vi.fn(failing);
      const bench = processBench(handler, { policy: { ...once, mode: 'broker' }, deadLetter: individual });
      const [first, second] = [fakeDelivery({ destination: '/topic/orders' }), fakeDelivery({ destination: '/topic/orders' })];
      first.reject.mockImplementationOnce(() => {
        first.lose();
        return Promise.reject(new ConnectionClosedError('killed'));
      });
      for (const delivery of [first, second]) await bench.process.run(inFlightOf(delivery));
      expect([handler.mock.calls.length, bench.browse.mock.calls.length]).toEqual([2, 0]);
    });

    it('rejects the copy, too, when the broker has taken a later rejection for good: with the same id it makes no second dead letter', async () => {
      const handler = vi.fn(failing);
      const bench = processBench(handler, { policy: { ...once, mode: 'broker' }, deadLetter: new BrokerDeadLetterStrategy() });
      const first = fakeDelivery();
      first.reject.mockImplementationOnce(() => {
        first.lose();
        return Promise.reject(new ConnectionClosedError('killed'));
      });
      const [original, copy, later] = [fakeDelivery(), fakeDelivery(), fakeDelivery()];
      for (const delivery of [first, original, copy]) await bench.process.run(inFlightOf(delivery));
      expect([handler.mock.calls.length, original.reject.mock.calls.length, copy.reject.mock.calls.length]).toEqual([2, 1, 1]);
      // Moved back by hand it is a new message.
      await bench.process.run(inFlightOf(later));
      expect(handler).toHaveBeenCalledTimes(3);
    });

    it('begins no attempt when that connection is lost, too', async () => {
      const handler = vi.fn(failing);
      const bench = processBench(handler, { policy: { ...once, mode: 'broker' }, deadLetter: individual });
      const [first, second] = [fakeDelivery(), fakeDelivery({ redelivered: 'true' })];
      first.reject.mockImplementationOnce(() => {
        first.lose();
        return Promise.reject(new ConnectionClosedError('killed'));
      });
      await bench.process.run(inFlightOf(first));
      bench.browse.mockImplementation(() => {
        second.lose();
        throw new ConnectionClosedError('killed again');
      });
      expect(await bench.process.run(inFlightOf(second))).toBe('settled');
      expect(handler).toHaveBeenCalledTimes(1);
      expect(bench.outcomes.map(({ kind }) => kind)).toEqual(['released']);
      // The next delivery asks again.
      bench.browse.mockImplementation(showsItsDeadLetter);
      const third = fakeDelivery({ redelivered: 'true' });
      await bench.process.run(inFlightOf(third));
      expect([handler.mock.calls.length, third.acknowledge.mock.calls.length]).toEqual([1, 1]);
    });

    it.each([
      ['was handled', [true], ['acknowledged', 'duplicate']],
      ['was dead-lettered', [false], ['dead-lettered', 'duplicate']],
    ])('takes the copy that the broker may have scheduled for a duplicate of a message that %s since', async (_, [succeeds], outcomes) => {
      const handler = vi.fn<() => Promise<void>>(failing);
      const bench = processBench(handler, { policy: { ...once, mode: 'broker' }, deadLetter: individual });
      const first = fakeDelivery();
      first.reject.mockImplementationOnce(() => {
        first.lose();
        return Promise.reject(new ConnectionClosedError('killed'));
      });
      await bench.process.run(inFlightOf(first));
      if (succeeds) handler.mockResolvedValueOnce();
      await bench.process.run(inFlightOf(fakeDelivery({ redelivered: 'true', persistent: 'true' })));
      const copy = fakeDelivery({ redelivered: 'true' });
      await bench.process.run(inFlightOf(copy));
      expect([handler.mock.calls.length, copy.acknowledge.mock.calls.length]).toEqual([2, 1]);
      expect(bench.outcomes.map(({ kind }) => kind)).toEqual(outcomes);
    });
  });
});
