import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { forEachNumber } from './for-each-number.js';

describe('forEachNumber', () => {
  it('calls the work once for each number and never more at a time than allowed', async () => {
    const seen: number[] = [];
    let running = 0;
    let most = 0;
    await forEachNumber(
      20,
      async (number) => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        seen.push(number);
        running--;
      },
      { concurrency: 3 },
    );
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(most).toBe(3);
  });

  it('begins nothing more after a failure and throws it', async () => {
    const seen: number[] = [];
    const run = forEachNumber(
      10,
      async (number) => {
        seen.push(number);
        if (number === 2) throw new Error('second');
        await Promise.resolve();
      },
      { concurrency: 1 },
    );
    await expect(run).rejects.toThrow('second');
    expect(seen).toEqual([1, 2]);
  });

  it('begins nothing more once its signal is aborted', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    await forEachNumber(
      10,
      async (number) => {
        seen.push(number);
        if (number === 4) controller.abort();
      },
      { concurrency: 1, signal: controller.signal },
    );
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  describe('with a rate', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('spreads the calls over time', async () => {
      const times: number[] = [];
      const begun = performance.now();
      const run = forEachNumber(5, async () => void times.push(performance.now() - begun), { concurrency: 2, rate: 10 });
      await vi.runAllTimersAsync();
      await run;
      expect(times.map(Math.round)).toEqual([0, 100, 200, 300, 400]);
    });
  });
});
