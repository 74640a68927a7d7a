import { DeadLetterStrategy, type DeadLetterStrategyOptions, type DeadLetterTarget } from './dead-letter-strategy.js';

/**
 * The message is rejected (NACK) and the broker's own policy decides; nobody is told what it decided.
 *
 * STOMP carries no reason with a rejection, ActiveMQ drops a non-persistent message by default, and its audit drops the second copy of a message
 * that a virtual topic or a composite destination made two of.
 */
export class BrokerDeadLetterStrategy extends DeadLetterStrategy {
  /** `processExpired: false` drops what has expired before the broker is asked; the other options are the broker's. */
  constructor(options: Pick<DeadLetterStrategyOptions, 'processExpired'> = {}) {
    super('BrokerDeadLetterStrategy', options);
  }

  targetFor(): DeadLetterTarget {
    return 'broker';
  }
}
