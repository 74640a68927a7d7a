/**
 * Waits for a promise, but not for ever.
 *
 * @param ms at most; may be infinite
 * @param signal ends the wait too
 * @returns `undefined` when something else than the promise ended the wait
 */
export async function earliest<T>(promise: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted || ms <= 0) return undefined;
  let end!: () => void;
  const ended = new Promise<undefined>((resolve) => (end = () => resolve(undefined)));
  const timer = Number.isFinite(ms) ? setTimeout(end, ms) : undefined;
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
