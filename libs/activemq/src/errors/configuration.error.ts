import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/** Something is configured wrongly; the message names it and the cure. Thrown at start-up wherever that is possible. */
export class ConfigurationError extends ActiveMqError {
  override readonly name = 'ConfigurationError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_CONFIGURATION', message, options);
  }
}
