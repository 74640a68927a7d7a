/** What redelivery delays are waited with; tests put their own in, such as `ManualClock` of `nestjs-activemq/testing`. */
export interface DeliveryTimers {
  /** ms since a moment that stays the same. */
  now(): number;
  /** Calls back once, `delay` ms from now. */
  setTimeout(callback: () => void, delay: number): unknown;
  /** Takes back a {@link DeliveryTimers.setTimeout}. */
  clearTimeout(handle: unknown): void;
}

/** The computer's timers; a message whose next attempt is not due keeps no process alive: the broker has it. */
export const SYSTEM_TIMERS: DeliveryTimers = {
  now: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay).unref(),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
