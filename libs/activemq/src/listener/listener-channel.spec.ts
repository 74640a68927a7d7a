import { describe, expect, it, vi } from 'vitest';

import type { AttemptGate, EnteredAttempt, GatedListener } from '../delivery/attempt-gate.js';
import { fakeDelivery } from '../delivery/delivery.fixture.js';
import { DEFAULT_REDELIVERY_POLICY } from '../delivery/redelivery-policy.js';
import type { JmsMessage } from '../message/jms-message.js';
import { containerBench } from './jms-listener-container.fixture.js';

/** A gate that lets everything in. */
function openGate(more: Partial<EnteredAttempt> = {}) {
  const release = vi.fn(() => Promise.resolve());
  const attempt: EnteredAttempt = { run: (handler) => handler(), complete: () => Promise.resolve({ kind: 'completed' }), release, ...more };
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

  it('goes on when its gate can tell again, although a handler hangs: nothing was given back, and nothing stays behind', async () => {
    const { gate, listener } = openGate();
    const { container, consumer, observer, running } = containerBench('orders', { concurrency: 2 }, { gate });
    container.start();
    for (const id of ['ID:1', 'ID:2', 'ID:3']) observer.onDelivery(fakeDelivery({ 'message-id': id }));
    await vi.waitFor(() => expect(running).toHaveLength(2));
    listener().suspend(Promise.resolve(), 'the store is out');
    await vi.waitFor(() => expect(container.whyUnavailable).toBeUndefined());
    running[1]!();
    await vi.waitFor(() => expect(running).toHaveLength(3));
    expect([consumer.stop.mock.calls.length, container.unsettledMessages]).toEqual([0, 2]);
  });

  it('goes on when what its gate waits for fails', async () => {
    const { gate, listener } = openGate();
    const { container, observer, running } = containerBench('orders', {}, { gate });
    container.start();
    listener().suspend(Promise.reject(new Error('a bug')), 'the store is out');
    await vi.waitFor(() => expect(container.whyUnavailable).toBeUndefined());
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(running).toHaveLength(1));
  });

  it('takes up again what its gate could not tell of', async () => {
    let isOut = true;
    let back!: () => void;
    const until = new Promise<void>((resolve) => (back = resolve));
    const { gate: open } = openGate();
    const gate: AttemptGate = {
      enter: (inFlight) => (isOut ? Promise.resolve({ kind: 'unavailable', reason: 'the store is out', until }) : open.enter(inFlight)),
    };
    const { container, consumer, observer, running } = containerBench('orders', {}, { gate });
    // The broker does not answer, so that what was delivered stays here.
    consumer.stop.mockRejectedValue(new Error('no answer'));
    container.start();
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(container.whyUnavailable).toBe('the store is out'));
    expect([running.length, container.unsettledMessages]).toEqual([0, 1]);
    isOut = false;
    back();
    await vi.waitFor(() => expect(running).toHaveLength(1));
  });

  it('keeps the order of a batch whose next attempt was put off by a rest', async () => {
    const batches: (readonly string[])[] = [];
    const handler = (messages: unknown) => {
      batches.push((messages as readonly JmsMessage[]).map(({ messageId }) => messageId));
      return batches.length === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
    };
    const { container, observer } = containerBench(
      'orders',
      {
        batch: { size: 3, timeout: 20 },
        takesPayloads: false,
        redelivery: () => ({ ...DEFAULT_REDELIVERY_POLICY, initialRedeliveryDelay: 30 }),
      },
      { handler },
    );
    container.start();
    const ids = ['ID:1', 'ID:2', 'ID:3'];
    for (const id of ids) observer.onDelivery(fakeDelivery({ 'message-id': id, persistent: 'true' }));
    await vi.waitFor(() => expect(container.counts.redeliveries).toBe(3));
    const rest = observer.rest!();
    await rest.idle;
    rest.end();
    await vi.waitFor(() => expect(batches).toEqual([ids, ids]));
  });

  /** A listener whose one message waits in its slot for an attempt that is due in an hour. */
  async function waitingInItsSlot() {
    const { gate, listener } = openGate();
    const redelivery = () => ({ ...DEFAULT_REDELIVERY_POLICY, initialRedeliveryDelay: 3_600_000 });
    const bench = containerBench('orders', { redelivery }, { gate });
    bench.container.start();
    bench.observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(bench.running).toHaveLength(1));
    bench.fail(new Error('no'));
    await vi.waitFor(() => expect(bench.container.counts.redeliveries).toBe(1));
    return { ...bench, listener };
  }

  it('is idle with a message that waits in its slot, when its session is to be left', async () => {
    const { observer, running, container } = await waitingInItsSlot();
    const rest = observer.rest!();
    expect(await rest.idle).toBe(true);
    rest.end();
    expect([running.length, container.unsettledMessages]).toEqual([1, 1]);
  });

  it('gives back a message that waits in its slot, when its gate cannot tell', async () => {
    const { consumer, listener, running } = await waitingInItsSlot();
    listener().suspend(new Promise(() => undefined), 'the store is out');
    await vi.waitFor(() => expect(consumer.stop).toHaveBeenCalledTimes(1));
    expect(running).toHaveLength(1);
  });

  it('gives up what the gate let in, of an undecided message that did not come back through two lost connections', async () => {
    const { gate, release } = openGate();
    const { container, observer, running } = containerBench('orders', { ackMode: 'manual' }, { gate });
    container.start();
    const delivery = fakeDelivery();
    observer.onDelivery(delivery);
    await vi.waitFor(() => expect(running).toHaveLength(1));
    running[0]!();
    await vi.waitFor(() => expect(container.activeHandlers).toBe(0));
    delivery.lose();
    observer.onInterrupted();
    expect([release.mock.calls.length, container.unsettledMessages]).toEqual([0, 1]);
    observer.onDelivery({ ...fakeDelivery({ 'message-id': 'ID:2' }), epoch: 2 });
    observer.onInterrupted();
    await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1));
    expect(container.unsettledMessages).toBe(1);
  });

  it.each([
    [{ messages: 999, bytes: 0 }, {}, 0],
    [{ messages: 1_000, bytes: 0 }, {}, 1],
    [{ messages: 1, bytes: 16 * 1024 * 1024 }, {}, 1],
    // Its acknowledgements are cumulative, and ActiveMQ keeps nothing of those.
    [{ messages: 1_000, bytes: 0 }, { ackMode: 'transacted' }, 0],
  ] as const)('leaves its session when the broker keeps too much of it: %j, %j', async (acknowledged, options, times) => {
    const { container, consumer, observer, running, renewConsumingSession } = containerBench('orders', options);
    consumer.transactedAcknowledgements = { ...acknowledged };
    container.start();
    const delivery = fakeDelivery();
    delivery.begin.mockReturnValue({ isEmpty: true, commit: () => Promise.resolve(), rollback: () => Promise.resolve() } as never);
    observer.onDelivery(delivery);
    await vi.waitFor(() => expect(running).toHaveLength(1));
    running[0]!();
    await vi.waitFor(() => expect(container.counts.acknowledged).toBe(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(renewConsumingSession).toHaveBeenCalledTimes(times);
  });

  it('is stopped in time although what its gate let in cannot be given back', async () => {
    const { gate } = openGate({ release: () => new Promise(() => undefined) });
    const { container, observer, running } = containerBench('orders', { ackMode: 'manual' }, { gate });
    container.start();
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(running).toHaveLength(1));
    running[0]!();
    await vi.waitFor(() => expect(container.activeHandlers).toBe(0));
    await container.stop(100);
    expect(container.state).toBe('stopped');
  });

  it('remembers the attempts of all messages that it may hold at a time', async () => {
    const policy = { ...DEFAULT_REDELIVERY_POLICY, maximumRedeliveries: 1, initialRedeliveryDelay: 1, nonBlockingRedelivery: true };
    let attempts = 0;
    const { container, observer } = containerBench(
      'orders',
      { prefetch: 2_100, concurrency: 2_100, redelivery: () => policy },
      {
        handler: () => {
          attempts++;
          return Promise.reject(new Error('no'));
        },
      },
    );
    container.start();
    for (let n = 0; n < 2_100; n++) observer.onDelivery(fakeDelivery({ 'message-id': `ID:${n}`, persistent: 'true' }));
    await vi.waitFor(() => expect(container.counts.deadLettered).toBe(2_100), 20_000);
    expect(attempts).toBe(4_200);
  }, 30_000);

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
