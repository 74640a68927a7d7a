import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/** Something was asked for at a moment when it cannot be done. Mirrors JMS's `IllegalStateException`. */
export class IllegalStateError extends ActiveMqError {
  override readonly name = 'IllegalStateError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_ILLEGAL_STATE', message, options);
  }
}
