export { BrokerDeadLetterStrategy, type BrokerDeadLetterStrategyOptions } from './broker-dead-letter-strategy.js';
export {
  DeadLetterStrategy,
  type DeadLetterStrategyOptions,
  type DeadLetterTarget,
  type DurableSubscriber,
} from './dead-letter-strategy.js';
export { type DeadLetterStrategyEntry, DeadLetterStrategyMap, type DeadLetterStrategyMapOptions } from './dead-letter-strategy-map.js';
export { DiscardingDeadLetterStrategy } from './discarding-dead-letter-strategy.js';
export { IndividualDeadLetterStrategy, type IndividualDeadLetterStrategyOptions } from './individual-dead-letter-strategy.js';
export { SharedDeadLetterStrategy, type SharedDeadLetterStrategyOptions } from './shared-dead-letter-strategy.js';
