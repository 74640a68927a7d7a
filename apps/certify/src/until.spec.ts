import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { until, untilQuiet } from './until.js';

describe('until', () => {
  let changes: EventEmitter<{ change: [] }>;
  let isReached: boolean;
  beforeEach(() => {
    vi.useFakeTimers();
    changes = new EventEmitter();
    isReached = false;
  });
  afterEach(() => void vi.useRealTimers());

  it('resolves at the change that makes it true, or at once', async () => {
    const waiting = until(() => isReached, { changes, timeout: 1_000 });
    changes.emit('change');
    isReached = true;
    changes.emit('change');
    await expect(waiting).resolves.toBe(true);
    await expect(until(() => true, { changes, timeout: 1_000 })).resolves.toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(changes.listenerCount('change')).toBe(0);
  });

  it('gives up after the timeout, whatever changed', async () => {
    const waiting = until(() => false, { changes, timeout: 1_000 });
    await vi.advanceTimersByTimeAsync(900);
    changes.emit('change');
    await vi.advanceTimersByTimeAsync(100);
    await expect(waiting).resolves.toBe(false);
  });

  it('gives up only when nothing changes, where asked to', async () => {
    const waiting = until(() => isReached, { changes, timeout: 1_000, stalls: true });
    await vi.advanceTimersByTimeAsync(900);
    changes.emit('change');
    await vi.advanceTimersByTimeAsync(900);
    isReached = true;
    changes.emit('change');
    await expect(waiting).resolves.toBe(true);
  });

  it('ends with the reason of what makes waiting useless', async () => {
    const waiting = until(() => false, { changes, timeout: 1_000, unless: Promise.reject(new Error('the load broke')) });
    await expect(waiting).rejects.toThrow('the load broke');
  });

  it('waits for quiet', async () => {
    let isQuiet = false;
    const waiting = untilQuiet(changes, 500).then(() => (isQuiet = true));
    await vi.advanceTimersByTimeAsync(400);
    changes.emit('change');
    await vi.advanceTimersByTimeAsync(400);
    expect(isQuiet).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
    expect(isQuiet).toBe(true);
  });
});
