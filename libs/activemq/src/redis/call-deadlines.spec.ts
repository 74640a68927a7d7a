import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CallDeadlines } from './call-deadlines.js';

const never = new Promise<never>(() => undefined);

describe('CallDeadlines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('has one timer for all calls, and none when nothing is pending', async () => {
    const deadlines = new CallDeadlines(1_000);
    const calls = Array.from({ length: 1_000 }, async () => deadlines.limit(never, () => new Error('late')));
    expect(vi.getTimerCount()).toBe(1);
    const settled = Promise.allSettled(calls);
    await vi.advanceTimersByTimeAsync(1_100);
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is late by two looks at most, and never early', async () => {
    const deadlines = new CallDeadlines(1_000);
    await vi.advanceTimersByTimeAsync(33);
    const late = vi.fn<() => void>();
    deadlines.limit(never, () => new Error('late')).catch(late);
    await vi.advanceTimersByTimeAsync(999);
    expect(late).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(101);
    expect(late).toHaveBeenCalledTimes(1);
  });

  it('passes answers and failures on, and forgets them', async () => {
    const deadlines = new CallDeadlines(20);
    const timeout = vi.fn<() => Error>(() => new Error('late'));
    expect(await deadlines.limit(Promise.resolve('answer'), timeout)).toBe('answer');
    await expect(deadlines.limit(Promise.reject(new Error('refused')), timeout)).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(timeout).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets an event loop that was blocked read the answers that came meanwhile', async () => {
    vi.useRealTimers();
    const deadlines = new CallDeadlines(100);
    const call = deadlines.limit(new Promise((resolve) => setTimeout(resolve, 20, 'in time')), () => new Error('late'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await call).toBe('in time');
  });
});
