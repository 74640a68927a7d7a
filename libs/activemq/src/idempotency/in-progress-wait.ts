import type { Entry } from '../delivery/attempt-gate.js';
import type { InFlightMessage } from '../delivery/in-flight-message.js';
import type { IdempotencySettings } from './idempotency-settings.js';

/** ms that a message waits in its slot before it is sent back: most owners are done by then. */
const LONGEST_HOLD = 2_000;
/** The first pause between two questions, in ms; each further one is three times as long. */
const FIRST_PAUSE = 25;
const LONGEST_PAUSE = 1_000;
/** Longest time that a message is sent away for, in ms. */
const LONGEST_DEFERRAL = 60_000;

/** What an {@link InProgressWait} works with. */
export interface InProgressWaitParts {
  readonly mode: IdempotencySettings['onInProgress'];
  /** Whether the broker can bring a message back later, and its order does not matter. */
  readonly canDefer: (inFlight: InFlightMessage) => boolean;
  readonly now?: () => number;
}

/** Decides how a message waits while somebody else is at it: it is never failed for that, and never counted as an attempt. */
export class InProgressWait {
  readonly #parts: InProgressWaitParts;
  readonly #waits = new WeakMap<InFlightMessage, { readonly since: number; polls: number }>();

  constructor(parts: InProgressWaitParts) {
    this.#parts = parts;
  }

  /**
   * What to do with the message now.
   *
   * @param remaining ms for which the other one's claim still holds
   */
  next(inFlight: InFlightMessage, remaining: number): Extract<Entry, { kind: 'hold' | 'defer' | 'drop' }> {
    const { mode } = this.#parts;
    const reason = 'another consumer is at it';
    if (mode === 'drop') return { kind: 'drop', reason };
    const left = this.holdLeft(inFlight);
    if (left <= 0) {
      // Somewhat later than the lease ends, and not all at once.
      return { kind: 'defer', delay: Math.min(LONGEST_DEFERRAL, Math.ceil(remaining * (1.1 + Math.random() / 10))), reason };
    }
    const wait = this.#waitOf(inFlight);
    const pause = Math.min(FIRST_PAUSE * 3 ** wait.polls++, LONGEST_PAUSE);
    return { kind: 'hold', delay: Math.max(1, Math.ceil(Math.min(pause, remaining, left))), reason };
  }

  /** ms that the message may still wait in its slot; infinite when it can wait nowhere else. */
  holdLeft(inFlight: InFlightMessage): number {
    if (this.#parts.mode !== 'defer' || !this.#parts.canDefer(inFlight)) return Infinity;
    return this.#waitOf(inFlight).since + LONGEST_HOLD - this.#now();
  }

  #waitOf(inFlight: InFlightMessage): { readonly since: number; polls: number } {
    let wait = this.#waits.get(inFlight);
    if (!wait) {
      wait = { since: this.#now(), polls: 0 };
      this.#waits.set(inFlight, wait);
    }
    return wait;
  }

  #now(): number {
    return this.#parts.now?.() ?? performance.now();
  }
}
