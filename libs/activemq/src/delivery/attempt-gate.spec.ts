import { describe, expect, it, vi } from 'vitest';

import type { Entry, TurnedAway } from './attempt-gate.js';
import { fakeDelivery, inFlightOf, noWaiting, processBench } from './delivery.fixture.js';

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
