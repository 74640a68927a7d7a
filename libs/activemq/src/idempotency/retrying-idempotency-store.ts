import { setTimeout as delay } from 'node:timers/promises';

import { assertInteger, assertKnownOptions } from '../validation/index.js';
import { IdempotencyStoreError } from './idempotency-store.error.js';
import type {
  ClaimAnswer,
  ClaimRequest,
  CompleteAnswer,
  CompleteRequest,
  IdempotencyStore,
  ReleaseRequest,
  RenewRequest,
} from './idempotency-store.js';

/** The first pause between two tries, in ms; each further one is twice as long. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;

/** Options of a {@link RetryingIdempotencyStore}. */
export interface RetryingIdempotencyStoreOptions {
  /** How long a call is repeated, in ms; a try that began before is waited for. Default 3 000. */
  readonly budgetMs?: number;
  /** Told of each try that failed and is repeated, and of a claim given up that could not be released. */
  readonly onRetry?: (error: IdempotencyStoreError) => void;
}

/**
 * Repeats calls that failed for an outage, with the same token, within a budget: an answer that was lost is given again, and a moment's
 * outage is not noticed. Renewals and pings are not repeated here: whoever makes them makes the next one.
 *
 * A claim that fails for an outage is given up: what of it may have reached the store is released behind it. Never use its token again.
 */
export class RetryingIdempotencyStore implements IdempotencyStore {
  private readonly budgetMs: number;
  private readonly onRetry: (error: IdempotencyStoreError) => void;

  /** @throws ConfigurationError on an unknown option or a negative `budgetMs` */
  constructor(
    private readonly store: IdempotencyStore,
    options: RetryingIdempotencyStoreOptions = {},
  ) {
    assertKnownOptions('RetryingIdempotencyStore', options, ['budgetMs', 'onRetry']);
    const { budgetMs = 3_000, onRetry = () => undefined } = options;
    assertInteger('RetryingIdempotencyStore', 'budgetMs', budgetMs, { min: 0 });
    this.budgetMs = budgetMs;
    this.onRetry = onRetry;
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    try {
      return await this.repeat(async () => this.store.claim(request));
    } catch (error) {
      if (error instanceof IdempotencyStoreError && error.failure === 'outage') this.giveUp(request);
      throw error;
    }
  }

  async complete(request: CompleteRequest): Promise<CompleteAnswer> {
    return this.repeat(async () => this.store.complete(request));
  }

  async release(request: ReleaseRequest): Promise<boolean> {
    return this.repeat(async () => this.store.release(request));
  }

  async renew(request: RenewRequest): Promise<boolean> {
    return this.store.renew(request);
  }

  async ping(): Promise<void> {
    return this.store.ping();
  }

  async open(): Promise<void> {
    await this.store.open?.();
  }

  async close(): Promise<void> {
    await this.store.close?.();
  }

  /** A claim that reached the store, or still waits in the client, would block the key for a lease and count as a crash. */
  private giveUp({ key, token }: ClaimRequest): void {
    this.store.release({ key, token }).catch((error: unknown) => {
      // A store of somebody else's may throw anything: nobody waits for this answer, and it must not end the process.
      this.onRetry(
        error instanceof IdempotencyStoreError ? error : new IdempotencyStoreError(String(error), 'release', 'outage', { cause: error }),
      );
    });
  }

  private async repeat<T>(call: () => Promise<T>): Promise<T> {
    let start: number | undefined;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const began = performance.now();
      start ??= began;
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof IdempotencyStoreError) || error.failure !== 'outage') throw error;
        // Up to half as much again, so that not all consumers come back at once.
        const wait = pause * (1 + Math.random() / 2);
        if (performance.now() - start + wait >= this.budgetMs) throw error;
        this.onRetry(error);
        await delay(wait);
      }
    }
  }
}
