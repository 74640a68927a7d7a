import { describe, expect, it } from 'vitest';

import { fakeDelivery, inFlightOf } from './delivery.fixture.js';
import { WaitingMessages } from './waiting-messages.js';

function bench(...ids: string[]) {
  const waiting = new WaitingMessages(true);
  const deliveries = new Map<string, ReturnType<typeof fakeDelivery>>();
  /** `g1` is of the group `g`, `1` of none. */
  const come = (id: string) => {
    const groupId = /^[a-z]/.exec(id)?.[0];
    const delivery = fakeDelivery({ 'message-id': id, ...(groupId !== undefined && { groupId }) });
    deliveries.set(id, delivery);
    waiting.add(inFlightOf(delivery));
  };
  for (const id of ids) come(id);
  const take = () => {
    const taken = waiting.take();
    return taken && { id: taken.message.messageId, taken };
  };
  const all = () => {
    const taken: string[] = [];
    for (let next = take(); next; next = take()) taken.push(next.id);
    return taken;
  };
  return { waiting, deliveries, come, take, all };
}

describe('WaitingMessages', () => {
  it('gives them in their order, of a group one, and counts those that wait for their turn', () => {
    const { waiting, all } = bench('g1', 'g2', '1', 'h1', 'g3', '2');
    expect([waiting.size, all(), waiting.size]).toEqual([6, ['g1', '1', 'h1', '2'], 2]);
  });

  it('gives the next one of a group when the one before is released, before what came later', () => {
    const { waiting, come, take, all } = bench('g1', 'g2', 'g3');
    const first = take()!.taken;
    expect(all()).toEqual([]);
    come('1');
    come('g4');
    waiting.release(first);
    waiting.release(first);
    const second = take()!;
    expect([second.id, all()]).toEqual(['g2', ['1']]);
    waiting.release(second.taken);
    expect(all()).toEqual(['g3']);
  });

  it('starts nothing of a group whose message is to be handled again, but that message', () => {
    const { waiting, take, all } = bench('g1', 'g2', '1');
    const first = take()!.taken;
    expect(take()!.id).toBe('1');
    waiting.addAgain(first);
    expect([all(), waiting.size]).toEqual([['g1'], 1]);
    waiting.release(first);
    expect(all()).toEqual(['g2']);
  });

  it('puts one that others of its group have passed before the rest of them', () => {
    const { waiting, take, all } = bench('g1', 'g2', 'g3');
    const first = take()!.taken;
    waiting.release(first);
    const second = take()!.taken;
    expect(all()).toEqual([]);
    waiting.addAgain(first);
    expect(all()).toEqual([]);
    waiting.release(second);
    expect(all()).toEqual(['g1']);
    waiting.release(first);
    expect([all(), waiting.size]).toEqual([['g3'], 0]);
  });

  it('forgets what the broker has taken back, also the turn of a group', () => {
    const { waiting, deliveries, come, take, all } = bench('g1', 'g2', '1', 'h1', 'h2');
    const first = take()!.taken;
    expect(all()).toEqual(['1', 'h1']);
    waiting.addAgain(first);
    for (const id of ['g1', 'g2']) deliveries.get(id)!.lose();
    waiting.dropVoid();
    expect([waiting.size, all()]).toEqual([1, []]);
    come('g1');
    come('g2');
    expect(all()).toEqual(['g1']);
  });

  it('knows by key what waits, also for its turn', () => {
    const { waiting, take, all } = bench('g1', 'g2', '1');
    const { key } = take()!.taken;
    all();
    expect([waiting.has(key), waiting.has(key.replace('g1', 'g2'))]).toEqual([false, true]);
  });

  it('leaves groups alone where messages are handled in batches', () => {
    const waiting = new WaitingMessages(false);
    for (const id of ['1', '2', '3']) waiting.add(inFlightOf(fakeDelivery({ 'message-id': id, groupId: 'g' })));
    expect(waiting.takeTogether(2).map(({ message }) => message.messageId)).toEqual(['1', '2']);
    expect(waiting.size).toBe(1);
  });
});
