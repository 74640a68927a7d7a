import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/** A payload could not be written as a message, or a message's body not read; trying again cannot help. */
export class MessageConversionError extends ActiveMqError {
  override readonly name = 'MessageConversionError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_MESSAGE_CONVERSION', message, options);
  }
}
