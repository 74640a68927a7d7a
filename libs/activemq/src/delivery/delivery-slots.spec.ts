import { describe, expect, it, vi } from 'vitest';

import { JmsMessage } from '../message/jms-message.js';
import { fakeDelivery } from './delivery.fixture.js';
import { DeliverySlots } from './delivery-slots.js';
import type { SlotEnd } from './slot-end.js';
import type { InFlightMessage } from './in-flight-message.js';

function bench(concurrency = 1, isCumulative = false) {
  const started: string[] = [];
  const running = new Map<string, { inFlight: InFlightMessage; finish: (end?: SlotEnd) => void; fail: (error: Error) => void }>();
  const onUnexpectedError = vi.fn();
  const slots = new DeliverySlots({
    concurrency,
    isCumulative,
    toMessage: ({ frame }) => new JmsMessage(frame, { convert: () => undefined }),
    run: (inFlight) =>
      new Promise((resolve, reject) => {
        started.push(inFlight.message.messageId);
        running.set(inFlight.message.messageId, { inFlight, finish: (end = 'settled') => resolve(end), fail: reject });
      }),
    onUnexpectedError,
  });
  const deliver = (...ids: string[]) =>
    ids.map((id) => {
      const delivery = fakeDelivery({ 'message-id': id });
      slots.accept(delivery);
      return delivery;
    });
  return { slots, started, running, deliver, onUnexpectedError, tick: () => new Promise<void>((resolve) => setImmediate(resolve)) };
}

describe('DeliverySlots', () => {
  it('runs no more than its concurrency, in the order of arrival, and uses every slot', async () => {
    const { slots, started, running, deliver, tick } = bench(2);
    deliver('a', 'b', 'c', 'd');
    expect([started, slots.running, slots.unsettled]).toEqual([['a', 'b'], 2, 4]);
    running.get('b')?.finish();
    await tick();
    expect([started, slots.running, slots.unsettled]).toEqual([['a', 'b', 'c'], 2, 3]);
  });

  it('lets a redelivery of a message that is still handled join it', () => {
    const { slots, started, running, deliver } = bench(2);
    deliver('a')[0]?.lose();
    const [again] = deliver('a');
    expect(started).toEqual(['a']);
    expect(running.get('a')?.inFlight.delivery).toBe(again);
    expect(slots.unsettled).toBe(1);
  });

  it('handles a redelivery in its turn where acknowledgements are cumulative: those before it would be acknowledged with it', async () => {
    const { slots, started, running, deliver, tick } = bench(1, true);
    deliver('b')[0]?.lose();
    slots.interrupt();
    deliver('a', 'b');
    expect([started, running.get('b')?.inFlight.delivery.isCurrent]).toEqual([['b'], false]);
    for (const id of ['b', 'a', 'b']) {
      running.get(id)?.finish();
      await tick();
    }
    expect([started, slots.unsettled]).toEqual([['b', 'a', 'b'], 0]);
  });

  it('handles a message beside another one of the same id: a Java property named message-id overrides it', async () => {
    const { slots, started, running, deliver, tick } = bench(2);
    const [first, second] = deliver('a', 'a');
    expect([started, slots.unsettled]).toEqual([['a', 'a'], 2]);
    expect(running.get('a')?.inFlight.delivery).toBe(second);
    running.get('a')?.finish();
    await tick();
    expect([slots.running, slots.unsettled, first?.isCurrent]).toEqual([1, 1, true]);
  });

  it('does not wait for another attempt of what is delivered again while it drains', () => {
    const { slots, running, deliver } = bench(1);
    const [first] = deliver('a');
    slots.drain();
    first?.lose();
    slots.interrupt();
    deliver('a');
    expect(running.get('a')?.inFlight.interrupted.aborted).toBe(true);
  });

  it('drops what waits when the broker takes it back, and ends pauses', () => {
    const { slots, running, deliver } = bench(1);
    for (const delivery of deliver('a', 'b', 'c')) delivery.lose();
    slots.interrupt();
    expect(slots.unsettled).toBe(1);
    expect(running.get('a')?.inFlight.interrupted.aborted).toBe(true);
    deliver('a');
    expect(running.get('a')?.inFlight.interrupted.aborted).toBe(false);
  });

  it('keeps what waits of another subscription: the broker takes back one at a time', () => {
    const { slots, started, running, deliver } = bench(1);
    const [, second] = deliver('a', 'b', 'c');
    second?.lose();
    slots.interrupt();
    expect([started, slots.unsettled, running.get('a')?.inFlight.interrupted.aborted]).toEqual([['a'], 2, false]);
  });

  it('starts nothing while suspended, and what waits at resume', async () => {
    const { slots, started, running, deliver, tick } = bench(1);
    deliver('a');
    slots.suspend('paused');
    deliver('b');
    running.get('a')?.finish();
    await tick();
    expect(started).toEqual(['a']);
    slots.resume('paused');
    expect(started).toEqual(['a', 'b']);
  });

  it('is idle when no slot is taken', async () => {
    const { slots, running, deliver, tick } = bench(2);
    await slots.idle();
    deliver('a', 'b');
    const idle = vi.fn();
    void slots.idle().then(idle);
    running.get('a')?.finish();
    await tick();
    expect(idle).not.toHaveBeenCalled();
    running.get('b')?.finish();
    await tick();
    expect(idle).toHaveBeenCalled();
  });

  it('frees the slot of a message that waits for its decision, and knows the message', async () => {
    const { slots, started, running, deliver, tick } = bench(1);
    for (const delivery of deliver('a', 'b')) delivery.lose();
    running.get('a')?.finish('undecided');
    await tick();
    expect([started, slots.unsettled]).toEqual([['a', 'b'], 2]);
    deliver('a');
    expect(started).toEqual(['a', 'b']);
    await slots.settling(running.get('a')!.inFlight, Promise.resolve('settled'));
    expect(slots.unsettled).toBe(1);
  });

  it('handles a recovered message before those that wait', async () => {
    const { slots, started, running, deliver, tick } = bench(1);
    deliver('a', 'b', 'c');
    running.get('a')?.finish('undecided');
    await tick();
    slots.handleAgain(running.get('a')!.inFlight);
    running.get('b')?.finish();
    await tick();
    expect(started).toEqual(['a', 'b', 'a']);
  });

  it('counts what waits outside of its slot as undecided at no time, also when it has been handled again', async () => {
    const { slots, running, deliver, tick } = bench(1);
    deliver('a');
    const { inFlight } = running.get('a')!;
    running.get('a')?.finish('waiting');
    await tick();
    expect([slots.undecided, slots.unsettled]).toEqual([0, 1]);
    slots.handleAgain(inFlight);
    running.get('a')?.finish();
    await tick();
    expect([slots.undecided, slots.unsettled]).toEqual([0, 0]);
  });

  it('does not handle a recovered message again whose delivery is void', async () => {
    const { slots, started, running, deliver, tick } = bench(1);
    const [delivery] = deliver('a');
    running.get('a')?.finish('undecided');
    await tick();
    delivery?.lose();
    slots.handleAgain(running.get('a')!.inFlight);
    expect([started, slots.unsettled]).toEqual([['a'], 0]);
  });

  it('forgets what is undecided when the subscription has ended, and nothing that runs', async () => {
    const { slots, started, running, deliver, tick } = bench(2);
    for (const delivery of deliver('a', 'b')) delivery.lose();
    running.get('a')?.finish('undecided');
    await tick();
    const undecided = running.get('a')!.inFlight;
    expect(slots.forgetUndecided()).toEqual([undecided]);
    deliver('a', 'b');
    expect(started).toEqual(['a', 'b', 'a']);
    // The decision on the old delivery comes after all: the new one is not touched by it.
    slots.settled(undecided);
    slots.handleAgain(undecided);
    expect(slots.unsettled).toBe(2);
  });

  it('keeps a dead letter that failed apart from what waits for a decision: also through another delivery, until its subscription ends', async () => {
    const { slots, started, running, deliver, tick } = bench(1);
    const [first] = deliver('a', 'b');
    running.get('a')?.finish('kept');
    await tick();
    const counts = () => [slots.kept, slots.undecided, slots.unsettled];
    expect([started, counts()]).toEqual([
      ['a', 'b'],
      [1, 0, 2],
    ]);
    first!.lose();
    deliver('a');
    expect([started, counts()]).toEqual([
      ['a', 'b'],
      [1, 0, 2],
    ]);
    slots.forgetUndecided();
    expect(counts()).toEqual([0, 0, 1]);
  });

  it('is not idle while a manual decision is being carried out, which takes no slot', async () => {
    const { slots, started, running, deliver, tick } = bench(1);
    deliver('a', 'b');
    running.get('a')?.finish('undecided');
    await tick();
    running.get('b')?.finish();
    await tick();
    let settle!: (end: SlotEnd) => void;
    const settling = slots.settling(running.get('a')!.inFlight, new Promise((resolve) => (settle = resolve)));
    const idle = vi.fn();
    void slots.idle().then(idle);
    await tick();
    expect([idle.mock.calls.length, slots.running, slots.undecided, slots.unsettled]).toEqual([0, 0, 0, 1]);
    deliver('c');
    expect(started).toEqual(['a', 'b', 'c']);
    running.get('c')?.finish();
    settle('settled');
    await settling;
    await tick();
    expect([idle.mock.calls.length, slots.unsettled]).toEqual([1, 0]);
  });

  it.each([
    ['is tried again at once', undefined, [0, 0, 1], 2],
    ['is kept', 'kept', [0, 1, 1], 1],
    ['waits outside of a slot', 'waiting', [0, 0, 1], 1],
  ] as const)('knows a message that %s after its late decision', async (_, end, counts, starts) => {
    const { slots, started, running, deliver, tick } = bench(1);
    deliver('a');
    const { inFlight } = running.get('a')!;
    running.get('a')?.finish('undecided');
    await tick();
    await slots.settling(inFlight, Promise.resolve(end));
    expect([[slots.undecided, slots.kept, slots.unsettled], started.length]).toEqual([counts, starts]);
  });

  it('takes a postponed message up again before all others, when it starts something again', async () => {
    const { slots, started, running, deliver, tick } = bench(1);
    deliver('a', 'b');
    const { inFlight } = running.get('a')!;
    slots.postpone('resting');
    expect(inFlight.isPostponed).toBe(true);
    running.get('a')?.finish('postponed');
    await slots.idle();
    expect([started, slots.unsettled, slots.undecided]).toEqual([['a'], 2, 0]);
    slots.resume('resting');
    expect([started, inFlight.isPostponed]).toEqual([['a', 'a'], false]);
    await tick();
  });

  it('counts a message that waits in its slot for its next attempt as taking the slot, and as not running', () => {
    const { slots, started, running, deliver } = bench(1);
    deliver('a', 'b');
    running.get('a')!.inFlight.isWaiting = true;
    slots.fill();
    expect([slots.running, started]).toEqual([0, ['a']]);
  });

  it('drops a postponed message whose subscription ends', async () => {
    const { slots, started, running, deliver } = bench(1);
    const [delivery] = deliver('a');
    slots.postpone('resting');
    running.get('a')?.finish('postponed');
    await slots.idle();
    delivery!.lose();
    slots.interrupt();
    slots.resume('resting');
    expect([started, slots.unsettled]).toEqual([['a'], 0]);
  });

  it('forgets what is undecided and did not come back after a lost connection, when the next one is lost', async () => {
    const { slots, running, deliver, tick } = bench(2);
    const [a] = deliver('a');
    running.get('a')?.finish('undecided');
    await tick();
    a!.lose();
    expect([slots.interrupt(), slots.undecided, slots.unsettled]).toEqual([[], 0, 1]);
    slots.accept({ ...fakeDelivery({ 'message-id': 'b' }), epoch: 2 });
    expect(slots.interrupt()).toEqual([running.get('a')!.inFlight]);
    expect(slots.unsettled).toBe(1);
  });

  it('survives an error nobody dealt with, and reports it', async () => {
    const { slots, started, running, deliver, onUnexpectedError, tick } = bench(1);
    deliver('a', 'b');
    const error = new Error('a bug');
    running.get('a')?.fail(error);
    await tick();
    expect(onUnexpectedError).toHaveBeenCalledExactlyOnceWith(error, running.get('a')?.inFlight);
    expect([started, slots.unsettled]).toEqual([['a', 'b'], 1]);
  });
});
