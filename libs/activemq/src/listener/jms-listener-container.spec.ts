import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { SessionTransaction } from '../connection/session-transaction.js';
import { fakeDelivery } from '../delivery/delivery.fixture.js';
import { DEFAULT_REDELIVERY_POLICY } from '../delivery/redelivery-policy.js';
import { BrokerError } from '../errors/index.js';
import { containerBench as bench } from './jms-listener-container.fixture.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

describe('JmsListenerContainer', () => {
  it('goes through its states', async () => {
    const { container, subscribe } = bench();
    const states = [container.state];
    container.start();
    states.push(container.state);
    subscribe();
    states.push(container.state);
    container.pause();
    states.push(container.state);
    container.start();
    states.push(container.state);
    const stop = container.stop(1_000);
    states.push(container.state);
    await stop;
    states.push(container.state);
    expect(states).toEqual(['stopped', 'starting', 'running', 'paused', 'running', 'stopping', 'stopped']);
  });

  it('does nothing for what cannot be: pause and resume of a stopped one, a second start, a second stop', async () => {
    const { container, consumer } = bench();
    container.pause();
    container.resume();
    await container.stop(0);
    expect([container.state, consumer.stop.mock.calls.length]).toEqual(['stopped', 0]);
    container.start();
    container.start();
    expect(consumer.start).toHaveBeenCalledTimes(1);
    await Promise.all([container.stop(0), container.stop(0)]);
    expect(consumer.stop).toHaveBeenCalledTimes(1);
  });

  it('tells those who wait whether the broker took the subscription', async () => {
    const { container, observer, subscribe, logger } = bench();
    container.start();
    const refused = container.whenSubscribed();
    observer.onRefused(new BrokerError('bad selector\n[Nest] LOG forged'));
    await expect(refused).rejects.toThrow('bad selector');
    expect(logger.lines).toEqual([
      expect.stringMatching(/^error: Listener 'orders': the broker refused the subscription to queue:\/\/orders.*bad selector \[Nest\]/),
    ]);
    const taken = container.whenSubscribed();
    subscribe();
    await taken;
    await container.whenSubscribed();
  });

  it('lets nobody wait for a subscription that will not come: it was stopped', async () => {
    const { container } = bench();
    container.start();
    const waiting = container.whenSubscribed();
    const [outcome] = await Promise.all([Promise.allSettled([waiting]), container.stop(0)]);
    expect(outcome).toMatchObject([
      { status: 'rejected', reason: { name: 'IllegalStateError', message: "Listener 'orders' was stopped" } },
    ]);
  });

  it('unsubscribes when its handlers have finished, not before', async () => {
    const { container, consumer, observer, running } = bench();
    container.start();
    observer.onDelivery(fakeDelivery());
    const stop = container.stop(60_000);
    await Promise.resolve();
    expect([container.activeHandlers, consumer.stop.mock.calls.length]).toEqual([1, 0]);
    running[0]?.();
    await stop;
    expect([container.activeHandlers, consumer.stop.mock.calls.length]).toEqual([0, 1]);
  });

  it('has the shortest of the times that calls of stop() give it, and tells it', async () => {
    const { container, observer, logger } = bench();
    container.start();
    observer.onDelivery(fakeDelivery());
    const began = performance.now();
    await Promise.all([container.stop(60_000), container.stop(20), container.stop(30_000)]);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(logger.lines).toContainEqual(expect.stringMatching(/^warn: .*1 handler\(s\) still run after (?:2\d|[3-9]\d) ms/));
  });

  it('has the time of a shutdown when none is given, and refuses an impossible one', async () => {
    const { container, observer } = bench('orders', {}, { shutdownTimeout: 20 });
    container.start();
    observer.onDelivery(fakeDelivery());
    for (const impossible of [-1, Number.NaN, Infinity, '5' as unknown as number]) {
      await expect(container.stop(impossible)).rejects.toThrow(/'orders'.*`timeout`/);
    }
    expect(container.state).toBe('starting');
    await container.stop();
    expect(container.state).toBe('stopped');
  });

  it('tells what it gave back', async () => {
    const { container, observer, logger, running, fail } = bench('orders', {
      redelivery: () => ({ ...DEFAULT_REDELIVERY_POLICY, maximumRedeliveries: -1, initialRedeliveryDelay: 60_000 }),
    });
    container.start();
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(running).toHaveLength(1));
    fail(new Error('not yet'));
    await vi.waitFor(() => expect(container.counts.redeliveries).toBe(1));
    await container.stop(1_000);
    expect(logger.lines.at(-1)).toContain('stopped: 0 acknowledged, 0 duplicates, 1 redeliveries, 0 dead-lettered, 1 given back');
  });

  it('is stopped also when the broker did not confirm it', async () => {
    const { container, consumer, logger } = bench();
    container.start();
    consumer.stop.mockRejectedValueOnce(new Error('the connection died'));
    await container.stop(0);
    expect(container.state).toBe('stopped');
    expect(logger.lines).toEqual([
      "debug: Listener 'orders': UNSUBSCRIBE was not confirmed: Error: the connection died",
      "log: Listener 'orders' stopped: 0 acknowledged, 0 duplicates, 0 redeliveries, 0 dead-lettered",
    ]);
  });

  it('says when undecided messages have used up the prefetch: nothing more is delivered then', async () => {
    const { container, observer, logger, running } = bench('orders', { ackMode: 'manual', prefetch: 2 });
    container.start();
    for (const id of ['1', '2']) {
      observer.onDelivery(fakeDelivery({ 'message-id': id }));
      running.pop()?.();
      await vi.waitFor(() => expect(container.activeHandlers).toBe(0));
    }
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toEqual([
      "warn: Listener 'orders': 2 messages, the whole prefetch, are unsettled: nothing more is delivered until acknowledge(), recover() or reject() is called for one. Dead letters that failed stay so until the listener stops",
    ]);
    await container.stop(1_000);
    expect(logger.lines.at(-1)).toContain('2 undecided and given back');
  });

  it('says so, too, when the last of them return at the same time', async () => {
    const { container, observer, logger, running } = bench('orders', { ackMode: 'manual', prefetch: 3, concurrency: 3 });
    container.start();
    for (const id of ['1', '2', '3']) observer.onDelivery(fakeDelivery({ 'message-id': id }));
    for (const finish of running) finish();
    await vi.waitFor(() => expect(container.activeHandlers).toBe(0));
    expect(logger.lines).toEqual([expect.stringContaining('3 messages, the whole prefetch, are unsettled')]);
  });
});

describe('setConcurrency in transacted mode', () => {
  it('does not wait for ever for a handler that hangs: its subscription ends with it, and the log says so', async () => {
    const { container, consumer, observers, logger, running } = bench('orders', { concurrency: 2, ackMode: 'transacted' });
    container.start();
    const delivery = fakeDelivery();
    delivery.begin.mockReturnValue({ isEmpty: true, commit: () => Promise.resolve() } as SessionTransaction);
    observers[1]!.onDelivery(delivery);
    await vi.waitFor(() => expect(running).toHaveLength(1));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const resized = container.setConcurrency(1);
    await vi.advanceTimersByTimeAsync(10_000);
    await resized;
    expect([consumer.stop.mock.calls.length, container.activeHandlers]).toEqual([0, 1]);
    expect(logger.lines).toEqual([expect.stringMatching(/^warn: Listener 'orders': .* for now: a handler still runs/)]);
    running[0]!();
    await vi.advanceTimersByTimeAsync(0);
    expect([consumer.stop.mock.calls.length, container.activeHandlers, container.counts.acknowledged]).toEqual([1, 0, 1]);
  });
});

describe('a listener whose queue holds messages that ended their consumers', () => {
  /** It is through with them at the first message that has not come back, which this delivers. */
  async function alone(options: Partial<JmsListenerEndpoint> = {}) {
    const made = bench('orders', { redelivery: () => DEFAULT_REDELIVERY_POLICY, ...options });
    const { container, consumer, observers, running } = made;
    const prefetches = () => consumer.useHeaders.mock.calls.map(([headers]) => headers['activemq.prefetchSize']);
    const deliver = async (id = '1', headers: Readonly<Record<string, string>> = {}) => {
      const delivery = fakeDelivery({ 'message-id': id, ...headers });
      delivery.begin.mockReturnValue({ isEmpty: true, commit: () => Promise.resolve() } as SessionTransaction);
      observers[0]?.onDelivery(delivery);
      await vi.waitFor(() => expect(running).toHaveLength(1));
    };
    container.start();
    await vi.waitFor(() => expect(consumer.start).toHaveBeenCalledTimes(1));
    return { ...made, prefetches, deliver, through: () => vi.waitFor(() => expect(container.activeHandlers).toBe(0)) };
  }

  it('starts its other slots when those are through, also when it is paused just then', async () => {
    const { container, consumer, running, deliver, through } = await alone({ concurrency: 2, ackMode: 'transacted' });
    await deliver();
    container.pause();
    running[0]?.();
    await through();
    container.resume();
    // The slot that went alone, and then both.
    expect([consumer.start.mock.calls.length, container.counts.acknowledged]).toEqual([3, 1]);
  });

  it('takes one at a time until those are through, whatever concurrency it is given meanwhile', async () => {
    const { container, consumer, running, prefetches, deliver, through } = await alone();
    await container.setConcurrency(5);
    expect([prefetches(), consumer.resubscribe.mock.calls.length, container.concurrency]).toEqual([['1'], 0, 5]);
    await deliver();
    running[0]?.();
    await through();
    expect(prefetches()).toEqual(['1', '50']);
  });

  it('starts no slot that it gets meanwhile', async () => {
    const { container, consumer, observers, running, deliver, through } = await alone({ ackMode: 'transacted' });
    await container.setConcurrency(3);
    expect([observers.length, consumer.start.mock.calls.length]).toEqual([1, 1]);
    await deliver();
    running[0]?.();
    await through();
    // The slot that went alone, then the two that joined, and all of them once more: that does nothing.
    expect([observers.length, consumer.start.mock.calls.length]).toEqual([3, 6]);
  });

  it('starts no slot that it gets before the broker has said whether there are such messages', async () => {
    const { container, consumer, observers } = bench('orders', { redelivery: () => DEFAULT_REDELIVERY_POLICY, ackMode: 'transacted' });
    container.start();
    const resized = container.setConcurrency(3);
    expect([observers.length, consumer.start.mock.calls.length]).toEqual([3, 0]);
    await resized;
    await vi.waitFor(() => expect(consumer.start).toHaveBeenCalledTimes(1));
  });

  it('takes as many as planned after a dead letter that is kept: nobody would come behind the only one there may be', async () => {
    const { prefetches, deliver, through, fail } = await alone({
      destinations: [{ type: 'queue', physicalName: 'ActiveMQ.DLQ' }],
      redelivery: () => ({ ...DEFAULT_REDELIVERY_POLICY, maximumRedeliveries: 0 }),
    });
    await deliver('1', { destination: '/queue/ActiveMQ.DLQ', persistent: 'true', redelivered: 'true' });
    fail(new Error('no'));
    await through();
    expect(prefetches()).toEqual(['1', '10']);
  });

  it('goes on taking one at a time after a message that is left undecided: it may end the process yet', async () => {
    const { running, prefetches, deliver, through } = await alone({ ackMode: 'manual' });
    await deliver();
    running[0]?.();
    await through();
    expect(prefetches()).toEqual(['1']);
  });

  it('has its own prefetch again when it is stopped meanwhile', async () => {
    const { container, prefetches } = await alone();
    await container.setConcurrency(2);
    await container.stop(1_000);
    expect(prefetches()).toEqual(['1', '20']);
  });
});
