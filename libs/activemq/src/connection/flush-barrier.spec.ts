import { describe, expect, it } from 'vitest';

import { FlushBarrier } from './flush-barrier.js';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function watch(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => (state.done = true));
  return state;
}

describe('FlushBarrier', () => {
  it('passes at once when nothing runs', async () => {
    const barrier = new FlushBarrier();
    await barrier.passed();
    barrier.end(barrier.begin());
    await barrier.passed();
    expect(watch(barrier.passed()).done).toBe(false);
  });

  it('waits for what was begun before, and not for what began after', async () => {
    const barrier = new FlushBarrier();
    const [first, second] = [barrier.begin(), barrier.begin()];
    const flushed = watch(barrier.passed());
    const third = barrier.begin();
    const flushedLater = watch(barrier.passed());
    barrier.end(first);
    await settled();
    expect(flushed.done).toBe(false);
    barrier.end(second);
    await settled();
    expect([flushed.done, flushedLater.done]).toEqual([true, false]);
    barrier.end(third);
    await settled();
    expect(flushedLater.done).toBe(true);
  });

  it('waits for earlier generations also when the last one has ended', async () => {
    const barrier = new FlushBarrier();
    const old = barrier.begin();
    void barrier.passed();
    const flushed = watch(barrier.passed());
    await settled();
    expect(flushed.done).toBe(false);
    barrier.end(old);
    await settled();
    expect(flushed.done).toBe(true);
  });
});
