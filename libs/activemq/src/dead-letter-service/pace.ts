import { pause } from '../delivery/pause.js';

/** Lets so many things happen in a second, evenly. */
export class Pace {
  readonly #interval: number;
  #next = -Infinity;

  /** @param rate a second; `undefined` does not wait */
  constructor(rate: number | undefined) {
    this.#interval = rate === undefined ? 0 : 1_000 / rate;
  }

  /** Waits for its turn, or until the signal aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#interval;
    if (at > now) await pause(at - now, signal);
  }
}
