import { describe, expect, it, vi } from 'vitest';

import type { AttemptGate, EnteredAttempt, GatedListener } from '../delivery/attempt-gate.js';
import { fakeDelivery } from '../delivery/delivery.fixture.js';
import { DEFAULT_REDELIVERY_POLICY } from '../delivery/redelivery-policy.js';
import { containerBench } from './jms-listener-container.fixture.js';

/** A gate that lets everything in. */
function openGate() {
  const release = vi.fn(() => Promise.resolve());
  const attempt: EnteredAttempt = { run: (handler) => handler(), complete: () => Promise.resolve({ kind: 'completed' }), release };
  let listener!: GatedListener;
  const gate: AttemptGate = {
    attach: (given) => (listener = given),
    enter: () => Promise.resolve({ kind: 'enter', attempt }),
  };
  return { gate, release, listener: () => listener };
}

describe('a listener channel', () => {
  it('unsubscribes when its gate cannot tell, but not before what runs has ended', async () => {
    const { gate, listener } = openGate();
    const { container, consumer, observer, running } = containerBench('orders', {}, { gate });
    container.start();
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(running).toHaveLength(1));
    let back!: () => void;
    listener().suspend(new Promise((resolve) => (back = resolve)), 'the store is out');
    await new Promise((resolve) => setImmediate(resolve));
    expect([consumer.stop.mock.calls.length, container.whyUnavailable]).toEqual([0, 'the store is out']);
    running[0]!();
    await vi.waitFor(() => expect(consumer.stop).toHaveBeenCalledTimes(1));
    expect([container.counts.acknowledged, consumer.start.mock.calls.length]).toEqual([1, 1]);
    back();
    await vi.waitFor(() => expect(consumer.start).toHaveBeenCalledTimes(2));
  });

  it('gives up what the gate let in, of a message that is undecided when it stops', async () => {
    const { gate, release } = openGate();
    const { container, observer, running } = containerBench('orders', { ackMode: 'manual' }, { gate });
    container.start();
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(running).toHaveLength(1));
    running[0]!();
    await vi.waitFor(() => expect(container.activeHandlers).toBe(0));
    expect(release).not.toHaveBeenCalled();
    await container.stop(1_000);
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('names the message of an error that nobody has dealt with, and says what becomes of it', async () => {
    const gate: AttemptGate = { enter: () => Promise.reject(new Error('a bug')) };
    const { container, observer, logger } = containerBench('orders', {}, { gate });
    container.start();
    observer.onDelivery(fakeDelivery({ 'message-id': 'ID:7' }));
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1));
    expect(logger.lines).toEqual([
      expect.stringMatching(/^error: Listener 'orders': message ID:7 of \S+ met an error .*stays unacknowledged.*: Error: a bug$/),
    ]);
  });

  it('lets its session be left while it keeps dead letters, which come again to be kept, but not while something is undecided', async () => {
    const { container, observer, running, fail, logger } = containerBench('orders', {
      destinations: [{ type: 'queue', physicalName: 'DLQ.orders' }],
      prefetch: 1,
      redelivery: () => ({ ...DEFAULT_REDELIVERY_POLICY, maximumRedeliveries: 0 }),
    });
    container.start();
    observer.onDelivery(fakeDelivery({ destination: '/queue/DLQ.orders', persistent: 'true' }));
    await vi.waitFor(() => expect(running).toHaveLength(1));
    fail(new Error('no'));
    await vi.waitFor(() => expect(container.activeHandlers).toBe(0));
    expect([container.unsettledMessages, await observer.rest!().idle]).toEqual([1, true]);
    expect(logger.lines.at(-1)).toMatch(/^warn: Listener 'orders': 1 messages, the whole prefetch, are unsettled/);
    const manual = containerBench('manual', { ackMode: 'manual' });
    manual.container.start();
    manual.observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(manual.running).toHaveLength(1));
    manual.running[0]!();
    await vi.waitFor(() => expect(manual.container.activeHandlers).toBe(0));
    expect(await manual.observer.rest!().idle).toBe(false);
  });
});
