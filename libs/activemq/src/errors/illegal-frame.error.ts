import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/** A frame was not sent because no STOMP peer, or no ActiveMQ, would take it: the caller has to change it. */
export class IllegalFrameError extends ActiveMqError {
  override readonly name = 'IllegalFrameError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_ILLEGAL_FRAME', message, options);
  }
}
