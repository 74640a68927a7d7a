import { ActiveMqError } from '../errors/index.js';

/** What a test waited for did not happen in time; the message tells what was seen instead. */
export class JmsTestTimeoutError extends ActiveMqError {
  override readonly name = 'JmsTestTimeoutError';

  constructor(message: string) {
    super('ERR_AMQ_TIMEOUT', message);
  }
}
