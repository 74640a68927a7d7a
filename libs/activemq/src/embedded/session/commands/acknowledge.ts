import type { StompFrame, StompHeaders } from '../../../stomp/frame.js';
import { Refusal } from '../../broker/refusal.js';
import type { StompSession } from '../stomp-session.js';
import type { StompTransaction } from '../stomp-transaction.js';

/** ACK: by ack id, by subscription and message id, or (STOMP 1.0) by message id alone. */
export function onAck(session: StompSession, { headers }: StompFrame): void {
  const { version } = session;
  if (headers['message-id'] === undefined && version !== '1.2') throw new Refusal('ACK received without a message-id to acknowledge!');
  if (headers['subscription'] === undefined && version === '1.1') {
    throw new Refusal('ACK received without a subscription id for acknowledge!');
  }
  if (headers['id'] === undefined && version === '1.2') throw new Refusal('ACK received without a ack id for acknowledge!');
  settle(session, headers, 'ACK');
}

/** NACK: to the dead letter queue, at once. */
export function onNack(session: StompSession, { headers }: StompFrame): void {
  const { version } = session;
  if (version === '1.0') throw new Refusal('NACK received but connection is in v1.0 mode.');
  if (headers['subscription'] === undefined && version !== '1.2') {
    throw new Refusal('NACK received without a subscription id for acknowledge!');
  }
  if (headers['message-id'] === undefined && version !== '1.2') throw new Refusal('NACK received without a message-id to acknowledge!');
  if (headers['id'] === undefined && version === '1.2') throw new Refusal('NACK received without an ack header to acknowledge!');
  settle(session, headers, 'NACK');
}

function settle(session: StompSession, headers: StompHeaders, command: 'ACK' | 'NACK'): void {
  const transaction = transactionOf(session, headers['transaction']);
  const { acks, subscriptions, allSubscriptions } = session.state;
  const ackId = headers['id'];
  let messageId = headers['message-id'];
  let candidates = [...allSubscriptions];
  if (ackId !== undefined) {
    if (acks.takeStale(ackId)) return;
    const pending = acks.find(ackId);
    messageId = pending?.delivery.message.id ?? messageId;
    candidates = pending === undefined ? [] : [pending.subscription];
  } else if (headers['subscription'] !== undefined) {
    const subscription = subscriptions.get(headers['subscription']);
    candidates = subscription === undefined ? [] : [subscription];
  }
  const id = messageId ?? null;
  const settled = candidates.some((subscription) => {
    if (id === null) return false;
    return command === 'ACK' ? subscription.acknowledge(id, transaction) : subscription.reject(id, transaction);
  });
  if (!settled) throw new Refusal(`Unexpected ${command} received for message-id [${id}]`);
}

function transactionOf({ state }: StompSession, name: string | undefined): StompTransaction | undefined {
  if (name === undefined) return undefined;
  const transaction = state.transactions.get(name);
  if (transaction === undefined) throw new Refusal(`Invalid transaction id: ${name}`);
  return transaction;
}
