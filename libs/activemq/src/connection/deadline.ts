import { ReceiptTimeoutError } from '../errors/index.js';

/** The longest a timer can wait: "for ever". */
const FOR_EVER = 2_147_483_647;

/** One deadline over several waits; a timer exists only while somebody asked for the signal. */
export class Deadline {
  readonly #at: number;
  readonly #reason: () => Error;
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param timeout ms from now; 0 is never
   * @param reason what the signal aborts with: it says what was waited for. The default is for who only looks at {@link left}
   */
  constructor(timeout: number, reason: () => Error = () => new ReceiptTimeoutError(`${timeout} ms are over`, timeout)) {
    this.#at = timeout === 0 ? Infinity : performance.now() + timeout;
    this.#reason = reason;
  }

  /** ms left, at least 1 and at most what a timer can wait. */
  get left(): number {
    return Math.max(1, Math.min(Math.ceil(this.#at - performance.now()), FOR_EVER));
  }

  /** Aborts at the deadline; `undefined` when there is none. */
  get signal(): AbortSignal | undefined {
    if (this.#at === Infinity) return undefined;
    if (!this.#controller) {
      const controller = new AbortController();
      this.#controller = controller;
      this.#timer = setTimeout(() => controller.abort(this.#reason()), this.left);
    }
    return this.#controller.signal;
  }

  /** Lets go of the timer. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
