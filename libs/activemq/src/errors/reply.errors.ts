import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/** No reply came in time; whether the request was handled, or still will be, is unknown. */
export class JmsReplyTimeoutError extends ActiveMqError {
  override readonly name = 'JmsReplyTimeoutError';
  /** The deadline that passed, in ms. */
  readonly timeout: number;

  constructor(message: string, timeout: number, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_REPLY_TIMEOUT', message, { retryable: true, ...options });
    this.timeout = timeout;
  }
}

/** The other side answered that it could not handle the request. Trying again does not help: it has done that already. */
export class JmsReplyError extends ActiveMqError {
  override readonly name = 'JmsReplyError';
  /** Class of the error over there, e.g. `NotFoundException`. */
  readonly errorClass: string;
  /** Message of the error over there; text of others, in one line. */
  readonly errorMessage: string;

  constructor(errorClass: string, errorMessage: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_REPLY', `The request failed where it was handled: ${errorClass}: ${errorMessage}`, options);
    this.errorClass = errorClass;
    this.errorMessage = errorMessage;
  }
}
