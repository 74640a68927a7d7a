import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/**
 * Thrown by a handler to say when trying again can help; it counts as a failed attempt, and the policy's own delay does not apply.
 *
 * @example throw new RetryAfterError(30_000, 'The bank asks to come back later');
 */
export class RetryAfterError extends ActiveMqError {
  override readonly name = 'RetryAfterError';
  /** ms until the next attempt. */
  readonly delay: number;

  /** @param delay ms until the next attempt, 0 or more */
  constructor(delay: number, message = `Try again in ${delay} ms`, options: Omit<ActiveMqErrorOptions, 'retryable'> = {}) {
    super('ERR_AMQ_RETRY_AFTER', message, { ...options, retryable: true });
    if (!Number.isFinite(delay) || delay < 0) throw new RangeError(`RetryAfterError: the delay must be 0 ms or more, not ${delay}`);
    this.delay = Math.min(Math.round(delay), 2_147_483_647);
  }
}
