export { JmsAcknowledgment, type AcknowledgmentDecision } from './jms-acknowledgment.js';
export type { RedeliveryPolicy } from './redelivery-policy.js';
export type { SettlementCounts } from './settlement.js';
