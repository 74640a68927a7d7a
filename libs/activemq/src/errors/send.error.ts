import { ActiveMqError, type ActiveMqErrorOptions } from './activemq.error.js';

/** What is known of a message whose send failed: it was not sent, or nobody knows whether the broker stored it. */
export type SendOutcome = 'not-sent' | 'unknown';

/** A message was not confirmed by the broker. */
export class SendError extends ActiveMqError {
  override readonly name = 'SendError';
  /** `unknown`: it may be stored, and may still come to be; send it again only with the same `idempotencyKey`. */
  readonly outcome: SendOutcome;

  constructor(message: string, outcome: SendOutcome, options: ActiveMqErrorOptions = {}) {
    super('ERR_AMQ_SEND', message, options);
    this.outcome = outcome;
  }
}
