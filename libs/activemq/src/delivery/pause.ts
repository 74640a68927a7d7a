import { type DeliveryTimers, SYSTEM_TIMERS } from './delivery-timers.js';

/**
 * Waits.
 *
 * @param ms how long
 * @returns whether the whole time passed, as opposed to the signal having fired
 */
export function pause(ms: number, signal: AbortSignal, timers: DeliveryTimers = SYSTEM_TIMERS): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = () => {
      timers.clearTimeout(timer);
      resolve(false);
    };
    const timer = timers.setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Waits for something that does not fail.
 *
 * @returns whether it happened, as opposed to the signal having fired
 */
export async function unlessInterrupted(event: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let onAbort = () => undefined as void;
  const interrupted = new Promise<boolean>((resolve) => (onAbort = () => resolve(false)));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([event.then(() => true), interrupted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
