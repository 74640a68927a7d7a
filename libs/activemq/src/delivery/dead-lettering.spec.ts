import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { IllegalFrameError, ReceiptTimeoutError } from '../errors/index.js';
import type { DeadLetterTarget } from './dead-letter/dead-letter-strategy.js';
import { SharedDeadLetterStrategy } from './dead-letter/shared-dead-letter-strategy.js';
import { fakeDelivery, inFlightOf, noWaiting, processBench, withoutBody } from './delivery.fixture.js';

const failing = () => vi.fn(() => Promise.reject(new Error('no')));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

const lostConnection = () => new Error('the connection died');

describe('a dead letter that the broker refuses', () => {
  it('is tried again as long as the message is ours', async () => {
    const { timers, pauses } = noWaiting();
    const bench = processBench(failing(), { policy: { maximumRedeliveries: 0 }, deadLetter: new SharedDeadLetterStrategy(), timers });
    const delivery = fakeDelivery({ persistent: 'true' });
    delivery.replaceWith.mockRejectedValueOnce(new Error('no answer'));
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect([delivery.replaceWith.mock.calls.length, pauses, bench.outcomes.map(({ kind }) => kind)]).toEqual([
      2,
      [5_000],
      ['dead-lettered'],
    ]);
  });

  it('is tried again later when it is postponed meanwhile', async () => {
    const bench = processBench(failing(), { policy: { maximumRedeliveries: 0 }, deadLetter: new SharedDeadLetterStrategy() });
    const delivery = fakeDelivery({ persistent: 'true' });
    delivery.replaceWith.mockRejectedValueOnce(new Error('no answer'));
    const inFlight = inFlightOf(delivery);
    const run = bench.process.run(inFlight);
    await vi.advanceTimersByTimeAsync(1_000);
    inFlight.postpone();
    expect(await run).toBe('postponed');
    inFlight.resumed();
    expect(await bench.process.run(inFlight)).toBe('settled');
    expect(bench.outcomes.map(({ kind }) => kind)).toEqual(['dead-lettered']);
  });

  it('is made by the broker when its frame would be illegal, or a copy of a Java object would be empty', async () => {
    const bench = processBench(failing(), { policy: { maximumRedeliveries: 0 }, deadLetter: new SharedDeadLetterStrategy() });
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

  it('is given up, and that is said, where the broker would lose it without a word: on a topic', async () => {
    const bench = processBench(failing(), { policy: { maximumRedeliveries: 0 }, deadLetter: new SharedDeadLetterStrategy() });
    const delivery = fakeDelivery({ persistent: 'true', destination: '/topic/prices' });
    delivery.replaceWith.mockRejectedValueOnce(new IllegalFrameError('its headers are too long'));
    await bench.process.run(inFlightOf(delivery));
    expect([delivery.reject.mock.calls.length, delivery.acknowledge.mock.calls.length]).toEqual([0, 1]);
    expect(bench.outcomes.map(({ kind }) => kind)).toEqual(['discarded']);
    expect(bench.logger.lines.at(-1)).toContain('ActiveMQ has no dead letters for a topic subscription that is not durable');
  });

  it.each([
    ['is handed to the broker after it took twenty connections with it, one after the other', 'true', lostConnection, [0, 1]],
    ['is never, when the message is not persistent: the broker would drop it', 'false', lostConnection, [1, 0]],
    ['is not, when it was only not answered: its queue may be full', 'true', () => new ReceiptTimeoutError('late', 1), [1, 0]],
  ])('%s', async (_, persistent, reason, last) => {
    const deadLetter = new SharedDeadLetterStrategy({ processNonPersistent: true });
    const bench = processBench(failing(), { policy: { maximumRedeliveries: 0 }, deadLetter });
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

describe('a verdict that could not be delivered', () => {
  it('is carried out at the next delivery, without another attempt', async () => {
    const handler = failing();
    const { process, settlement, memory } = processBench(handler, { policy: { maximumRedeliveries: 0 } });
    const lost = fakeDelivery();
    lost.lose();
    await process.run(inFlightOf(lost));
    expect(settlement.report.counts.deadLettered).toBe(0);
    const again = fakeDelivery();
    const inFlight = inFlightOf(again);
    await process.run(inFlight);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(again.reject).toHaveBeenCalledTimes(1);
    expect(settlement.report.counts.deadLettered).toBe(1);
    expect(memory.failuresOf(inFlight.key)).toEqual({ attempts: 0 });
  });

  it('is carried out again when the broker did not confirm it', async () => {
    const { process, settlement, logger } = processBench(failing(), { policy: { maximumRedeliveries: 0 } });
    const first = fakeDelivery();
    first.reject.mockImplementationOnce(() => {
      first.lose();
      return Promise.reject(new Error('the connection died'));
    });
    await process.run(inFlightOf(first));
    expect(settlement.report.counts.deadLettered).toBe(0);
    expect(logger.lines.at(-1)).toMatch(/^warn: .*the broker did not confirm its rejection: Error: the connection died$/);
    await process.run(inFlightOf(fakeDelivery()));
    expect(settlement.report.counts.deadLettered).toBe(1);
  });
});

describe('a dead letter that fails', () => {
  it('is never rejected: that would destroy it', async () => {
    const handler = failing();
    const { process, settlement, memory } = processBench(handler, { policy: { maximumRedeliveries: 1, initialRedeliveryDelay: 1 } });
    const delivery = fakeDelivery({ destination: '/queue/ActiveMQ.DLQ' });
    const inFlight = inFlightOf(delivery);
    const run = process.run(inFlight);
    await vi.advanceTimersByTimeAsync(10);
    await run;
    // Should it be delivered again, after a restart of the listener, it has its attempts again.
    expect(memory.failuresOf(inFlight.key)).toEqual({ attempts: 0 });
    expect(handler).toHaveBeenCalledTimes(2);
    expect([delivery.reject.mock.calls.length, delivery.acknowledge.mock.calls.length]).toEqual([0, 0]);
    expect(settlement.report.counts).toMatchObject({ released: 1, deadLettered: 0 });
  });
});

describe('a message that has ended its consumers', () => {
  it('is dead-lettered without being handled, with the attempts of those that did not live to count', async () => {
    const handler = vi.fn(() => Promise.resolve());
    const { process, outcomes } = processBench(handler, { more: { whyUnfit: () => Promise.resolve({ reason: 'killer', attempts: 9 }) } });
    const delivery = fakeDelivery();
    await process.run(inFlightOf(delivery));
    expect([handler.mock.calls.length, delivery.reject.mock.calls.length]).toEqual([0, 1]);
    expect(outcomes).toMatchObject([{ kind: 'dead-lettered', attempts: 9, reason: 'killer' }]);
  });
});

describe('a dead letter strategy that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no place for it');
      },
      'Error: no place for it',
    ],
    ['returns no destination', () => ({ queue: 'orders.DLQ' }) as never, 'ConfigurationError: its `targetFor` returned no destination'],
    ...(
      [
        [{ type: 'queues' as never, physicalName: 'dead' }, 'returned no destination'],
        [{ type: 'queue', physicalName: ' ' }, 'returned no destination'],
        [{ type: 'queue', physicalName: 'queue://dead' }, 'returned a `physicalName` "queue://dead", which has the type of a destination'],
        [{ type: 'queue', physicalName: 'a,b' }, 'returned a `physicalName` "a,b", which has a comma'],
        [{ type: 'queue', physicalName: 'DLQ.>' }, 'returned a `physicalName` "DLQ.>", which has a wildcard'],
        [{ type: 'topic', physicalName: 'DLT.*' }, 'returned a `physicalName` "DLT.*", which has a wildcard'],
        [{ type: 'queue', physicalName: 'dead\nletters' }, 'returned a `physicalName` "dead\\nletters", which has control characters'],
      ] satisfies [DeadLetterTarget, string][]
    ).map(([target, why]): [string, () => never, string] => [
      `returns ${JSON.stringify(target)}`,
      () => target as never,
      `ConfigurationError: its \`targetFor\` ${why}`,
    ]),
  ])('when it %s: the message stays here, and is dead-lettered when it works again', async (_, targetFor, why) => {
    const strategy = new SharedDeadLetterStrategy();
    const { timers, pauses } = noWaiting();
    vi.spyOn(strategy, 'targetFor').mockImplementationOnce(targetFor);
    const { process, logger, outcomes } = processBench(() => Promise.reject(new Error('no')), {
      policy: { maximumRedeliveries: 0 },
      deadLetter: strategy,
      timers,
    });
    const delivery = fakeDelivery({ persistent: 'true' });
    expect(await process.run(inFlightOf(delivery))).toBe('settled');
    expect([pauses, delivery.replaceWith.mock.calls.length, delivery.reject.mock.calls.length]).toEqual([[5_000], 1, 0]);
    expect(logger.lines[0]).toContain(`: its dead letter strategy failed, and is asked again: ${why}`);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['dead-lettered']);
  });
});
