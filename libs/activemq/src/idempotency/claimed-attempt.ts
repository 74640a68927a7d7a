import type { EnteredAttempt, TurnedAway } from '../delivery/attempt-gate.js';
import { toErrorText } from '../errors/error-text.js';
import type { InFlightMessage } from '../delivery/in-flight-message.js';
import { type IdempotencyContext, runInIdempotencyContext } from './idempotency-context.js';
import type { IdempotencyCounts } from './idempotency-counts.js';
import type { IdempotencySettings } from './idempotency-settings.js';
import { IdempotencyStoreError } from './idempotency-store.error.js';
import type { ClaimRequest, CompleteAnswer, CompleteRequest, IdempotencyStore } from './idempotency-store.js';
import type { Lease } from './lease-keeper.js';
import type { AttemptEnd } from './running-attempts.js';
import { decodeResult, encodeResult } from './stored-result.js';

/** What a {@link ClaimedAttempt} works with. */
export interface ClaimedAttemptParts {
  readonly inFlight: InFlightMessage;
  /** What identifies the message, as its sender or the extractor said it. */
  readonly key: string;
  readonly request: ClaimRequest;
  readonly claimCount: number;
  /** Whether results go somewhere also when the message names no place, by `@SendTo`. */
  readonly repliesAlways: boolean;
  readonly settings: IdempotencySettings;
  readonly store: Pick<IdempotencyStore, 'complete' | 'release'>;
  readonly counts: IdempotencyCounts;
  readonly lease: Lease;
  /** Tells the copies that wait here how it ended, and forgets it. */
  readonly end: (end: AttemptEnd) => void;
  /** Keeps what the store could not be told; `undefined` when it has been. */
  readonly keepForLater: (record: (() => Promise<void>) | undefined) => void;
  /** The store is out. */
  readonly onStoreError: (error: unknown) => void;
  /** Resolves when the store answers again. */
  readonly untilStoreAnswers: () => Promise<void>;
  /** What happens to a message whose claim was lost: others may be at it. */
  readonly onLost: () => TurnedAway;
  readonly warn: (text: string) => void;
  readonly debug: (text: string) => void;
}

/** A message's attempt under a claim of ours. */
export class ClaimedAttempt implements EnteredAttempt {
  readonly #parts: ClaimedAttemptParts;

  constructor(parts: ClaimedAttemptParts) {
    this.#parts = parts;
  }

  run(handler: () => Promise<unknown>): Promise<unknown> {
    const { key, request, claimCount, lease } = this.#parts;
    const context: IdempotencyContext = {
      key,
      token: request.token,
      claimCount,
      unprotected: false,
      // Made when it is asked for: most handlers do not.
      get signal() {
        return lease.signal;
      },
    };
    return runInIdempotencyContext(context, handler);
  }

  async complete(result: unknown): ReturnType<EnteredAttempt['complete']> {
    const { counts, settings, keepForLater, onStoreError, untilStoreAnswers } = this.#parts;
    const stored = this.#resultToStore(result);
    let answer: CompleteAnswer;
    try {
      answer = await this.#record(stored);
    } catch (error) {
      counts.uncertain++;
      if (isForeign(error)) return this.#foreign(error);
      onStoreError(error);
      // The lease is kept meanwhile: as long as it holds, nobody else handles the message.
      keepForLater(() => this.#recordLate(stored));
      if (settings.onStoreError === 'pause') {
        return {
          kind: 'unavailable',
          until: untilStoreAnswers(),
          reason: `it was handled, and could not be recorded: ${toErrorText(error)}`,
        };
      }
      counts.unprotected++;
      return { kind: 'completed' };
    }
    return this.#recorded(answer, stored) ? { kind: 'completed' } : this.#parts.onLost();
  }

  async release(): Promise<void> {
    const { request, store, counts, lease, end, onStoreError, debug } = this.#parts;
    lease.stop();
    if (lease.loss === 'lost') counts.lostLeases++;
    try {
      await counts.measure('release', () => store.release({ key: request.key, token: request.token }));
    } catch (error) {
      debug(`A claim could not be given back, and blocks its message until the lease ends: ${toErrorText(error)}`);
      onStoreError(error);
    }
    end({ kind: 'open' });
  }

  #record(result: string | undefined): Promise<CompleteAnswer> {
    const { request, store, settings, counts } = this.#parts;
    const { key, token, fingerprint } = request;
    const complete: CompleteRequest = { key, token, fingerprint, ttlMs: settings.completedTtlMs, result };
    return counts.measure('complete', () => store.complete(complete));
  }

  /** The store answers again; several may ask at once, and all are told the same. */
  async #recordLate(result: string | undefined): Promise<void> {
    let answer: CompleteAnswer;
    try {
      answer = await this.#record(result);
    } catch (error) {
      if (!isForeign(error)) throw error;
      this.#parts.keepForLater(undefined);
      this.#foreign(error);
      return;
    }
    this.#parts.keepForLater(undefined);
    this.#recorded(answer, result);
  }

  /** Somebody wrote over the record: waiting does not help, and the message was handled. */
  #foreign(error: unknown): { readonly kind: 'completed' } {
    const { lease, end, warn } = this.#parts;
    lease.stop();
    warn(`was handled, and cannot be recorded: ${toErrorText(error)}`);
    end({ kind: 'completed' });
    return { kind: 'completed' };
  }

  /** Ends the attempt by what the store said; false when it was somebody else's by then. */
  #recorded(answer: CompleteAnswer, result: string | undefined): boolean {
    const { counts, lease, end, warn } = this.#parts;
    lease.stop();
    if (answer === 'lost') {
      counts.lostLeases++;
      warn('was handled here, but another consumer has taken over: it may have been handled twice');
      end({ kind: 'open' });
      return false;
    }
    if (answer === 'recreated') {
      counts.recreated++;
      warn('was handled, but the store had lost its record: a duplicate may have been handled meanwhile');
    }
    end({ kind: 'completed', result: decodeResult(result) });
    return true;
  }

  #resultToStore(result: unknown): string | undefined {
    const { settings, inFlight, repliesAlways, warn } = this.#parts;
    const isWanted =
      settings.storeResult === 'always' ||
      (settings.storeResult === 'whenReplyTo' && (repliesAlways || inFlight.message.replyTo !== undefined));
    const encoded = isWanted ? encodeResult(result, settings.resultLimit) : undefined;
    if (!encoded || 'text' in encoded) return encoded?.text;
    warn(`has a result that is not kept, so a duplicate gets no reply: ${encoded.unfit}`);
    return undefined;
  }
}

function isForeign(error: unknown): boolean {
  return error instanceof IdempotencyStoreError && error.failure === 'foreign-data';
}
