import { ConfigurationError } from '../../errors/index.js';
import type { BrokerClock } from './clock.js';

interface ManualTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements BrokerClock {
  #now: number;
  readonly #timers = new Set<ManualTimer>();

  /** @param now ms since 1970 at which it stands; default the computer's time */
  constructor(now: number = Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delay: number): unknown {
    const timer: ManualTimer = { at: this.#now + Math.max(0, delay), callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as ManualTimer);
  }

  /**
   * Moves on and runs what is due on the way, in order. What a timer starts goes on after this returns: await its outcome.
   *
   * @param ms a whole number, 0 or more
   * @throws ConfigurationError for any other number
   */
  advance(ms: number): void {
    if (!Number.isSafeInteger(ms) || ms < 0) throw new ConfigurationError(`advance(${ms}): give a whole number of ms, 0 or more`);
    const end = this.#now + ms;
    for (;;) {
      const due = this.#next();
      if (due === undefined || due.at > end) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }

  /** Of two that are due together the one that was set first. */
  #next(): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }
}
