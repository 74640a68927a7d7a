import { describe, expect, it } from 'vitest';

import { DeliveryMemory } from './delivery-memory.js';

const ENDED = { isCurrent: false };

describe('DeliveryMemory', () => {
  it('remembers what was handled, and forgets the oldest past its depth', () => {
    const memory = new DeliveryMemory(3);
    for (const key of ['a', 'b', 'c', 'd']) memory.handled(key, ENDED);
    expect(['a', 'b', 'c', 'd'].map((key) => memory.wasHandled(key))).toEqual([false, true, true, true]);
  });

  it('remembers as many more as it is told to, and never less', () => {
    const memory = new DeliveryMemory(1);
    memory.deepen(3);
    memory.deepen(2);
    for (const key of ['a', 'b', 'c', 'd']) memory.failed(key);
    expect(['a', 'b', 'c', 'd'].map((key) => memory.failuresOf(key).attempts)).toEqual([0, 1, 1, 1]);
  });

  it('takes a message of the same key for another one while the subscription that delivered the first lives', () => {
    const memory = new DeliveryMemory();
    const subscription = { isCurrent: true };
    memory.handled('a', subscription);
    expect(memory.wasHandled('a')).toBe(false);
    subscription.isCurrent = false;
    expect(memory.wasHandled('a')).toBe(true);
  });

  it('counts failures per message', () => {
    const memory = new DeliveryMemory();
    expect(['a', 'a', 'b'].map((key) => memory.failed(key).attempts)).toEqual([1, 2, 1]);
    const { attempts, firstFailedAt = 0, lastFailedAt = 0 } = memory.failuresOf('a');
    expect([attempts, firstFailedAt <= lastFailedAt, lastFailedAt <= Date.now()]).toEqual([2, true, true]);
    expect(memory.failuresOf('never seen')).toEqual({ attempts: 0 });
  });

  it('forgets the message that failed the longest ago first, not the one that was seen first', () => {
    const memory = new DeliveryMemory(2);
    for (const key of ['a', 'b', 'a', 'c']) memory.failed(key);
    expect(['a', 'b', 'c'].map((key) => memory.failuresOf(key).attempts)).toEqual([2, 0, 1]);
  });

  it('keeps the verdict with the number of attempts that led to it', () => {
    const memory = new DeliveryMemory();
    const error = new Error('no');
    memory.failed('a');
    memory.condemn('a', { reason: 'why', error });
    expect(memory.failuresOf('a')).toMatchObject({ attempts: 1, verdict: { reason: 'why', error } });
    memory.rejected('a');
    expect(memory.failuresOf('a')).toEqual({ attempts: 0 });
  });

  it('forgets the failures of a message that was handled after all', () => {
    const memory = new DeliveryMemory();
    memory.failed('a');
    memory.handled('a', ENDED);
    expect(memory.failuresOf('a')).toEqual({ attempts: 0 });
  });

  it('holds no more than twice its depth, whatever passes through it', () => {
    const memory = new DeliveryMemory(10);
    const keys = Array.from({ length: 1_000 }, (_, index) => `m${index}`);
    for (const key of keys) {
      memory.failed(key);
      memory.handled(`h${key}`, ENDED);
    }
    expect(keys.filter((key) => memory.failuresOf(key).attempts > 0)).toHaveLength(10);
    expect(keys.filter((key) => memory.wasHandled(`h${key}`))).toHaveLength(10);
  });
});
