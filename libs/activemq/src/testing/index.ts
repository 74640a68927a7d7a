export { ManualClock } from '../embedded/broker/manual-clock.js';
export type { InspectedMessage, QueueInspector } from '../embedded/queue-inspector.js';
export { ActiveMqTestingModule, type ActiveMqTestingModuleOptions } from './activemq-testing.module.js';
export { JmsTestHarness, type OverridableModuleBuilder, type TestPublishOptions } from './jms-test-harness.js';
export type { JmsTestHarnessOptions } from './jms-test-harness-options.js';
export { JmsTestTimeoutError } from './jms-test-timeout.error.js';
export type { OutcomeMatch, OutcomePredicate, SentPredicate } from './matches.js';
export { type DeadLetter, TestBroker, type TestBrokerOptions } from './test-broker.js';
export type { OutcomeWaitOptions, WaitOptions } from './wait-options.js';
