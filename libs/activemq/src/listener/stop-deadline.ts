import { assertInteger } from '../validation/index.js';

/** ms that a stop may take where nothing else is said. */
export const DEFAULT_STOP_TIMEOUT = 30_000;
/** The longest a timer can wait. */
const LONGEST = 2_147_483_647;

/**
 * Refuses what is no time to stop in.
 *
 * @throws ConfigurationError naming the listener
 */
export function assertStopTimeout(listenerId: string, timeout: number): void {
  assertInteger(`The stop of listener '${listenerId}'`, 'timeout', timeout, { min: 0, max: LONGEST });
}

/** The time that a stop has left, which later calls can only shorten. */
export class StopDeadline {
  /** Resolves when it has passed. */
  readonly over: Promise<void>;
  #pass!: () => void;
  readonly #began = performance.now();
  #at = Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout ms from now */
  constructor(timeout: number) {
    this.over = new Promise((resolve) => (this.#pass = resolve));
    this.shorten(timeout);
  }

  /** ms that it was given in the end. */
  get total(): number {
    return Math.round(this.#at - this.#began);
  }

  /** ms left, not less than 0. */
  get left(): number {
    return Math.max(0, Math.ceil(this.#at - performance.now()));
  }

  /** @param timeout ms from now; a longer time than what is left changes nothing */
  shorten(timeout: number): void {
    const at = performance.now() + timeout;
    if (at >= this.#at) return;
    this.#at = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#pass, timeout);
  }

  /** Lets go of the timer. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
