import { ActiveMqError, type ActiveMqErrorOptions } from '../errors/index.js';

/** The calls of an `IdempotencyStore`. */
export type IdempotencyStoreOperation = 'claim' | 'renew' | 'complete' | 'release' | 'ping' | 'open';

/**
 * - `outage`: not reachable, or no answer in time; whether the call took effect is unknown. Repeat it with the same token.
 * - `full`: no memory for another record. Waiting may help, repeating at once does not.
 * - `refused`: credentials, permissions or topology are wrong; an operator has to act.
 * - `foreign-data`: something that is no record of ours stands at the key; it was left alone.
 */
export type IdempotencyStoreFailure = 'outage' | 'full' | 'refused' | 'foreign-data';

/** An idempotency store did not do what was asked. `retryable` is false for `foreign-data` alone: everything else concerns the store, not the message. */
export class IdempotencyStoreError extends ActiveMqError {
  override readonly name = 'IdempotencyStoreError';
  /** The call that failed. */
  readonly operation: IdempotencyStoreOperation;
  /** Why, and so what may help. */
  readonly failure: IdempotencyStoreFailure;

  constructor(
    message: string,
    operation: IdempotencyStoreOperation,
    failure: IdempotencyStoreFailure,
    options: Omit<ActiveMqErrorOptions, 'retryable'> = {},
  ) {
    super('ERR_AMQ_IDEMPOTENCY_STORE', message, { ...options, retryable: failure !== 'foreign-data' });
    this.operation = operation;
    this.failure = failure;
  }
}
