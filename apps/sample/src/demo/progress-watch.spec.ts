import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { DemoTally } from './demo-tally.js';
import { ProgressWatch } from './progress-watch.js';

describe('ProgressWatch', () => {
  let tally: DemoTally;
  let watch: ProgressWatch;
  beforeEach(() => {
    vi.useFakeTimers();
    tally = new DemoTally(10);
    watch = new ProgressWatch(tally, 1_000);
  });
  afterEach(() => void vi.useRealTimers());

  it('resolves at once when it holds already', async () => {
    await expect(watch.until('it is so', () => true)).resolves.toBeUndefined();
    expect(tally.listenerCount('change')).toBe(0);
  });

  it('resolves with the change that makes it hold', async () => {
    const reached = watch.until('two are handled', () => tally.counts.unique === 2);
    tally.handled(1);
    expect(tally.listenerCount('change')).toBe(1);
    tally.handled(2);
    await expect(reached).resolves.toBeUndefined();
    expect(tally.listenerCount('change')).toBe(0);
  });

  it('goes on waiting as long as something changes, and fails with the counts when nothing does', async () => {
    const reached = watch.until('nine are handled', () => tally.counts.unique === 9);
    const failure = reached.catch((error: unknown) => error);
    for (const number of [1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(900);
      tally.handled(number);
    }
    expect(tally.listenerCount('change')).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await failure).toMatchObject({
      message: expect.stringMatching(/^Nothing happened for 1000 ms while waiting until nine are handled: .*"unique":3/),
    });
  });

  it('is quiet once nothing has changed for a while', async () => {
    let isQuiet = false;
    void watch.quiet(500).then(() => (isQuiet = true));
    await vi.advanceTimersByTimeAsync(400);
    tally.handled(1);
    await vi.advanceTimersByTimeAsync(499);
    expect(isQuiet).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isQuiet).toBe(true);
  });
});
