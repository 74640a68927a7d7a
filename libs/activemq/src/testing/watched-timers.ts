import type { DeliveryTimers } from '../delivery/delivery-timers.js';
import type { ManualClock } from '../embedded/broker/manual-clock.js';

/** The timers of the application under test, on a clock that a test moves: tells what is waited for besides redeliveries, such as the rest of a batch. */
export class WatchedTimers implements DeliveryTimers {
  readonly #clock: ManualClock;
  /** When each is due. */
  readonly #pending = new Map<unknown, number>();
  readonly #observers = new Set<() => void>();
  #announced: number | undefined;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  /** ms until the first of what is waited for is due; `undefined` when nothing is. */
  get next(): number | undefined {
    return this.#pending.size === 0 ? undefined : Math.max(0, Math.min(...this.#pending.values()) - this.#clock.now());
  }

  /** A timer of that delay set in this turn is a redelivery's: its outcome has just been told, and says how long. */
  announce(delay: number | undefined): void {
    this.#announced = delay;
    queueMicrotask(() => (this.#announced = undefined));
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, delay: number): unknown {
    const isRedelivery = this.#announced === delay;
    const handle = this.#clock.setTimeout(() => {
      this.#pending.delete(handle);
      callback();
    }, delay);
    if (isRedelivery) return handle;
    this.#pending.set(handle, this.#clock.now() + delay);
    for (const observe of this.#observers) observe();
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.#pending.delete(handle);
    this.#clock.clearTimeout(handle);
  }

  /** Calls `observer` when something is waited for; the returned function ends that. */
  observe(observer: () => void): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }
}
