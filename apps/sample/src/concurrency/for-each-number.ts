/** How {@link forEachNumber} goes through its numbers. */
export interface ForEachNumberOptions {
  /** Calls that run at the same time, at most. */
  readonly concurrency: number;
  /** Calls begun per second, at most; default unlimited. */
  readonly rate?: number;
  /** Ends the run: no further call is begun. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `work` for 1 to `count` and resolves when all calls are through; what is waiting in memory is bounded by `concurrency`.
 *
 * @throws what the first failing call threw, once the others of its time are through
 */
export async function forEachNumber(count: number, work: (number: number) => Promise<void>, options: ForEachNumberOptions): Promise<void> {
  const { concurrency, rate, signal } = options;
  const begun = performance.now();
  let last = 0;
  let hasFailed = false;
  const goesOn = () => last < count && !hasFailed && signal?.aborted !== true;
  const worker = async () => {
    while (goesOn()) {
      const number = ++last;
      if (rate !== undefined) await until(begun + ((number - 1) * 1_000) / rate);
      try {
        await work(number);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(concurrency, count) }, worker));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Timers may fire a little early and never late by design: an instant that has passed costs nothing. */
function until(instant: number): Promise<void> | undefined {
  const wait = instant - performance.now();
  return wait <= 0 ? undefined : new Promise((resolve) => setTimeout(resolve, wait));
}
