import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';
import { ConfigurationError } from './configuration.error.js';

/** One message of a batch that failed. */
export interface BatchFailure {
  /** Where it stands in the arrays that the handler got, from 0; one beyond them fails all of the batch. */
  readonly index: number;
  /** What went wrong with it; decides about another attempt as if it had been thrown for this message alone. */
  readonly error: unknown;
}

/**
 * Thrown by a batch listener to say which messages failed: the others are acknowledged. Mirrors Spring Kafka's `BatchListenerFailedException`,
 * for any number of messages.
 *
 * @example throw new BatchListenerFailedError({ failures: [{ index: 2, error }] });
 */
export class BatchListenerFailedError extends ActiveMqError {
  override readonly name = 'BatchListenerFailedError';
  /** What failed, one at least; all others of the batch are acknowledged. */
  readonly failures: readonly BatchFailure[];

  /** @throws ConfigurationError for a list without a failure: nobody could say what to do then */
  constructor({ failures, ...options }: ActiveMqErrorOptions & { readonly failures: readonly BatchFailure[] }) {
    if (!Array.isArray(failures) || failures.length === 0) {
      throw new ConfigurationError('BatchListenerFailedError: `failures` must hold at least one { index, error }');
    }
    super('ERR_AMQ_BATCH_FAILED', `${failures.length} message(s) of the batch failed`, { retryable: true, ...options });
    this.failures = failures;
  }
}
