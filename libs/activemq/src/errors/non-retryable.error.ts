import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/**
 * Thrown by a handler to say that trying again cannot help: the message is dead-lettered at once.
 *
 * @example throw new NonRetryableError(`Order ${id} was cancelled`);
 */
export class NonRetryableError extends ActiveMqError {
  override readonly name = 'NonRetryableError';

  constructor(message: string, options: Omit<ActiveMqErrorOptions, 'retryable'> = {}) {
    super('ERR_AMQ_NON_RETRYABLE', message, { ...options, retryable: false });
  }
}
