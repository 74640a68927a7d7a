import type { BrokerMessage } from '../broker/broker-message.js';
import { ConnectionDrop } from '../broker/refusal.js';
import { qualifiedDestination } from '../destination/destination-name.js';

type Change = (value: string) => Partial<BrokerMessage>;

/** Headers with the names of JMS properties set the message's own fields, as ActiveMQ's property setters do. */
const SETTERS: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['JMSXDeliveryCount', (value) => ({ redeliveries: Math.max(0, integer(value) - 1) })],
  ['JMSXGroupID', (value) => ({ groupId: value })],
  ['JMSXGroupSeq', (value) => ({ groupSequence: integer(value) })],
  ['JMSCorrelationID', (value) => ({ correlationId: value })],
  ['JMSDeliveryMode', (value) => ({ persistent: integer(value) === 2 })],
  ['JMSExpiration', (value) => ({ expiration: integer(value) })],
  ['JMSPriority', (value) => ({ priority: Math.min(9, Math.max(0, integer(value))) })],
  ['JMSRedelivered', (value) => ({ redeliveries: value === 'true' ? 1 : 0 })],
  ['JMSReplyTo', (value) => ({ replyTo: qualifiedDestination(value, 'queue') })],
  ['JMSTimestamp', (value) => ({ timestamp: integer(value) })],
  ['JMSType', (value) => ({ type: value })],
]);

/**
 * Applies the JMS properties that stand among a message's headers, and takes them out of these.
 *
 * @throws ConnectionDrop for a value that is no number where one is needed
 */
export function applyJmsProperties(message: BrokerMessage, properties: Record<string, string>): BrokerMessage {
  let applied = message;
  for (const [name, change] of SETTERS) {
    const value = properties[name];
    if (value === undefined) continue;
    delete properties[name];
    applied = { ...applied, ...change(value) };
  }
  return applied;
}

function integer(text: string): number {
  if (!/^[+-]?\d{1,18}$/.test(text)) throw new ConnectionDrop('a JMS property is not a number');
  return Number(text);
}
