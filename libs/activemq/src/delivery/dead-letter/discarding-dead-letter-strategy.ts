import { DeadLetterStrategy, type DeadLetterStrategyOptions, type DeadLetterTarget } from './dead-letter-strategy.js';

/** There are no dead letters: the message is acknowledged, and the log line is all that is left of it. */
export class DiscardingDeadLetterStrategy extends DeadLetterStrategy {
  /** @throws ConfigurationError for an unknown option or an impossible value */
  constructor(options: DeadLetterStrategyOptions = {}) {
    super('DiscardingDeadLetterStrategy', options);
  }

  targetFor(): DeadLetterTarget {
    return 'discard';
  }
}
