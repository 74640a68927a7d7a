import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';
import { inOneLine } from './error-text.js';

/** The peer sent bytes that are no STOMP, or a frame beyond the limits; the connection cannot be used any more. */
export class StompProtocolError extends ActiveMqError {
  override readonly name = 'StompProtocolError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_PROTOCOL', message, { retryable: true, ...options });
  }
}

/** The connection closed, or could not be used, before the operation was confirmed: its outcome is unknown. */
export class ConnectionClosedError extends ActiveMqError {
  override readonly name = 'ConnectionClosedError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_CONNECTION_CLOSED', message, { retryable: true, ...options });
  }
}

/** A broker could not be reached, or did not open a STOMP session in time. */
export class ConnectError extends ActiveMqError {
  override readonly name = 'ConnectError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_CONNECT', message, { retryable: true, ...options });
  }
}

/** The broker answered a command with an ERROR frame. */
export class BrokerError extends ActiveMqError {
  override readonly name = 'BrokerError';
  /** The `message` header of the ERROR frame, in one line: it may quote what a hostile client sent. */
  readonly brokerMessage: string;

  constructor(brokerMessage: string, message = `The broker refused: ${brokerMessage}`, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_BROKER', inOneLine(message), options);
    this.brokerMessage = inOneLine(brokerMessage);
  }
}

/** The broker did not answer within the deadline; whether it did what was asked is unknown. */
export class ReceiptTimeoutError extends ActiveMqError {
  override readonly name = 'ReceiptTimeoutError';
  /** The deadline that passed, in ms. */
  readonly timeout: number;

  constructor(message: string, timeout: number, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_TIMEOUT', message, { retryable: true, ...options });
    this.timeout = timeout;
  }
}
