import { stompHeaders } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { JmsMessage } from './jms-message.js';
import { MESSAGE_HEADERS } from './message-headers.js';

/** Headers of a MESSAGE frame that tell of its journey and not of its content: a copy begins a journey of its own. */
const JOURNEY_HEADERS: ReadonlySet<string> = new Set([
  'destination',
  'message-id',
  'subscription',
  'ack',
  'receipt',
  'transaction',
  'redelivered',
  'content-length',
  'timestamp',
  'expires',
  'original-destination',
  'originalExpiration',
  'originalDeliveryMode',
  'dlqDeliveryFailureCause',
  'JMSXUserID',
  'JMSXDeliveryCount',
  // A copy that still has it is delivered at once, whatever its delay says.
  'scheduledJobId',
  'redeliveryDelay',
  'AMQ_SCHEDULED_DELAY',
  'AMQ_SCHEDULED_PERIOD',
  'AMQ_SCHEDULED_REPEAT',
  'AMQ_SCHEDULED_CRON',
]);

/**
 * SEND headers of a copy of a received message: custom headers, QoS, correlation and trace context are kept, without an expiry.
 *
 * @param destination as STOMP writes it
 * @param more headers of the copy's own; they win, and `undefined` leaves a header out
 */
export function copyHeaders(message: JmsMessage, destination: string, more: OutgoingHeaders = {}): Readonly<Record<string, string>> {
  const copied = stompHeaders();
  for (const name of Object.keys(message.headers)) {
    const value = message.headers[name];
    if (value !== undefined && !JOURNEY_HEADERS.has(name)) copied[name] = value;
  }
  return stompHeaders({
    ...copied,
    // The broker does not echo the group, and makes a BytesMessage of every body that has a length.
    JMSXGroupID: message.headers[MESSAGE_HEADERS.groupId],
    'amq-msg-type': message.isText ? 'text' : 'bytes',
    ...more,
    destination,
  });
}

/**
 * Whether a copy would hold the whole message. ActiveMQ shows a Java peer's `MapMessage`, `ObjectMessage` or `StreamMessage` over STOMP
 * without a body, and a copy of that would be empty.
 */
export function isCopyable(message: JmsMessage): boolean {
  return (
    message.receivedBody.length > 0 || message.headers['content-length'] !== undefined || message.headers['amq-msg-type'] !== undefined
  );
}
