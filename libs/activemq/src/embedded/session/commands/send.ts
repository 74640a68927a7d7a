import type { StompFrame } from '../../../stomp/frame.js';
import type { BrokerMessage } from '../../broker/broker-message.js';
import { Refusal } from '../../broker/refusal.js';
import type { Queue } from '../../destination/queue.js';
import { assertAuthorized } from '../authorize.js';
import { assertConnected, confirm } from '../confirm.js';
import { incomingMessage } from '../incoming-message.js';
import type { StompSession } from '../stomp-session.js';

/** SEND: at once, or when its transaction commits; when a queue is full it waits first. */
export function onSend(session: StompSession, frame: StompFrame): void {
  assertConnected(session);
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
  const full = broker.flowControl.blocking(message);
  const send = () => {
    if (transaction === undefined) broker.send(message);
    else transaction.send(message, broker.limitedQueues(message));
    confirm(session, frame.headers);
  };
  if (full === undefined) return send();
  withhold(session, frame, full, message, () => {
    if (name !== undefined && state.transactions.get(name) !== transaction) throw completed();
    send();
  });
}

/** With a receipt only the answer is late. Without one nothing behind it is read: the client could not be told how far it got. */
function withhold(session: StompSession, frame: StompFrame, queue: Queue, message: BrokerMessage, send: () => void): void {
  const holds = frame.headers['receipt'] === undefined;
  const goOn = (action: () => void) => {
    session.attempt(frame, action);
    if (holds) session.resume();
  };
  const cancel = session.broker.flowControl.withhold(queue, {
    message,
    proceed: () => goOn(send),
    refuse: (refusal) =>
      goOn(() => {
        throw refusal;
      }),
  });
  if (holds) session.hold(cancel);
}

function completed(): Refusal {
  return new Refusal('Send transaction completed while waiting for space', { javaClass: 'javax.jms.JMSException' });
}

/** ActiveMQ would make the producer wait; a process that is out of memory helps nobody, so here it is always an ERROR. */
function assertSpace(session: StompSession, message: BrokerMessage): void {
  const { usage } = session.broker;
  if (!usage.full) return;
  throw new Refusal(
    `Usage Manager Memory Limit reached. Stopping producer to prevent flooding ${message.destination.qualifiedName}: ` +
      `the embedded broker holds ${usage.bytes} of ${usage.limit} bytes (limits.memoryLimit)`,
    { javaClass: 'javax.jms.ResourceAllocationException' },
  );
}
