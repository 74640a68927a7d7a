export type { GateSnapshot } from './attempt-gate.js';
export type { DeliveryOutcome, DeliveryOutcomeKind } from './delivery-outcome.js';
export type { DeliveryTimers } from './delivery-timers.js';
export { JmsAcknowledgment, type AcknowledgmentDecision } from './jms-acknowledgment.js';
export type { RedeliveryPolicy } from './redelivery-policy.js';
export type { SettlementCounts } from './settlement.js';
