/**
 * Waits for a promise, but no longer than until the signal aborts: then it rejects with the signal's reason.
 *
 * @param discard takes what the promise brings after that, so that nothing stays open
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, discard?: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    const onValue = (value: T) => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) discard?.(value);
      resolve(value);
    };
    const onError = (error: unknown) => {
      signal.removeEventListener('abort', onAbort);
      reject(error);
    };
    promise.then(onValue, onError);
  });
}
