import type { StompFrame } from '../../../stomp/frame.js';
import type { BrokerMessage } from '../../broker/broker-message.js';
import { Refusal } from '../../broker/refusal.js';
import { assertAuthorized } from '../authorize.js';
import { incomingMessage } from '../incoming-message.js';
import type { StompSession } from '../stomp-session.js';

/** SEND: at once, or when its transaction commits. */
export function onSend(session: StompSession, frame: StompFrame): void {
  const { state, broker } = session;
  if (frame.headers['destination'] === undefined) throw new Refusal('SEND received without a Destination specified!');
  const message = incomingMessage(frame, {
    id: state.nextMessageId(),
    connectionId: state.connectionId,
    now: broker.settings.clock.now(),
    temporary: (name, topic) => state.temporary(name, topic),
  });
  const name = frame.headers['transaction'];
  const transaction = name === undefined ? undefined : state.transactions.get(name);
  if (name !== undefined && transaction === undefined) throw new Refusal(`Invalid transaction id: ${name}`);
  assertAuthorized(session, 'write', message.destination);
  broker.destinations.assertExists(message.destination);
  assertSpace(session, message);
  if (transaction === undefined) broker.send(message);
  else transaction.send(message);
}

/** ActiveMQ would make the producer wait; with `sendFailIfNoSpace`, which this broker always has, it says so. */
function assertSpace(session: StompSession, message: BrokerMessage): void {
  const { usage } = session.broker;
  if (!usage.full) return;
  throw new Refusal(
    `Usage Manager Memory Limit reached. Stopping producer to prevent flooding ${message.destination.qualifiedName}: ` +
      `the embedded broker holds ${usage.bytes} of ${usage.limit} bytes (limits.memoryLimit)`,
    { javaClass: 'javax.jms.ResourceAllocationException' },
  );
}
