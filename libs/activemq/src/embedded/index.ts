export type { BrokerClock } from './broker/clock.js';
export type { EmbeddedBrokerLimits, EmbeddedBrokerOptions } from './broker/broker-options.js';
export type { DestinationPolicy } from './broker/destination-policy.js';
export type { DeadLetterOptions, DeadLetterStrategyOptions } from './dead-letter/dead-letter-strategy.js';
export { EmbeddedBroker } from './embedded-broker.js';
export { EmbeddedCluster, type EmbeddedClusterOptions } from './embedded-cluster.js';
export type { InspectedMessage, QueueInspector } from './queue-inspector.js';
export { MessageStore } from './store/message-store.js';
export type { ListenAddress, ListenOptions } from './transport/tcp-listener.js';
