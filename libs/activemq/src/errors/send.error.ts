import { ActiveMqError, type ActiveMqErrorCode, type ActiveMqErrorOptions } from './activemq.error.js';

/** What is known of a message whose send failed: it was not sent, or nobody knows whether the broker stored it. */
export type SendOutcome = 'not-sent' | 'unknown';

/** A message was not confirmed by the broker. */
export class SendError extends ActiveMqError {
  override readonly name: string = 'SendError';
  /**
   * `not-sent`: it is not stored, and will not be. `unknown`: it may be stored, and may still come to be; send it again only with the same
   * `idempotencyKey`.
   */
  readonly outcome: SendOutcome;

  constructor(message: string, outcome: SendOutcome, options: ActiveMqErrorOptions = {}, code: ActiveMqErrorCode = 'ERR_AMQ_SEND') {
    super(code, message, options);
    this.outcome = outcome;
  }
}

/** A transaction was rolled back: nothing of it was sent. Mirrors JMS's and Spring's `TransactionRolledBackException`. */
export class TransactionRolledBackError extends SendError {
  override readonly name = 'TransactionRolledBackError';

  constructor(message: string, options: ActiveMqErrorOptions = {}) {
    super(message, 'not-sent', options, 'ERR_AMQ_TRANSACTION_ROLLED_BACK');
  }
}
