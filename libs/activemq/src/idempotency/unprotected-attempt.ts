import type { EnteredAttempt } from '../delivery/attempt-gate.js';
import { runInIdempotencyContext } from './idempotency-context.js';

/** An attempt without a claim, because the options say `'process'`. */
export class UnprotectedAttempt implements EnteredAttempt {
  readonly #key: string;

  /** @param key of the message; empty when it has none */
  constructor(key: string) {
    this.#key = key;
  }

  run(handler: () => Promise<unknown>): Promise<unknown> {
    const { signal } = new AbortController();
    return runInIdempotencyContext({ key: this.#key, token: '', claimCount: 0, signal, unprotected: true }, handler);
  }

  complete(): Promise<{ readonly kind: 'completed' }> {
    return Promise.resolve({ kind: 'completed' });
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}
