/** Where the broker takes its time from: tests put their own in. */
export interface BrokerClock {
  /** Ms since the epoch. */
  now(): number;
  /** Calls back once, `delay` ms from now. */
  setTimeout(callback: () => void, delay: number): unknown;
  /** Takes back a {@link BrokerClock.setTimeout}. */
  clearTimeout(handle: unknown): void;
}

/** Longest delay a Node timer takes, in ms; a longer one would fire at once. */
const MAX_DELAY = 2 ** 31 - 1;

/** The computer's clock. Its timers keep no process alive. */
export const SYSTEM_CLOCK: BrokerClock = {
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, Math.min(Math.max(delay, 0), MAX_DELAY)).unref(),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
