import type { JmsMessage } from '../message/jms-message.js';
import { copyHeaders } from '../message/message-copy.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';

/** What a dead letter that was moved back by hand tells of its former attempts: they do not count, so those that the copy counts would not either. */
const FORMER_DEATH: OutgoingHeaders = {
  [MESSAGE_HEADERS.deadLetterReason]: undefined,
  [MESSAGE_HEADERS.deadLetterErrorClass]: undefined,
  [MESSAGE_HEADERS.deadLetterErrorMessage]: undefined,
  [MESSAGE_HEADERS.deliveryCount]: undefined,
  [MESSAGE_HEADERS.firstFailedAt]: undefined,
  [MESSAGE_HEADERS.lastFailedAt]: undefined,
};

/**
 * The SEND headers of the copy that the broker's scheduler brings back in place of a message. It has the message's `idempotencyKey`, so that
 * whoever dies between the copy and the acknowledgement leaves a duplicate that can be recognised.
 *
 * @param delay ms until it comes back
 * @param more headers of its own, such as the number of attempts
 */
export function scheduledCopyHeaders(message: JmsMessage, delay: number, more: OutgoingHeaders): Readonly<Record<string, string>> {
  const originalMessageId = message.headers[MESSAGE_HEADERS.originalMessageId] ?? message.messageId;
  return copyHeaders(message, message.headers['destination'] ?? '', {
    AMQ_SCHEDULED_DELAY: String(Math.max(1, delay)),
    // The scheduler grants the whole time to live anew when it brings the copy.
    expires: message.expiration === 0 ? undefined : String(message.expiration - delay),
    [MESSAGE_HEADERS.originalMessageId]: originalMessageId,
    [MESSAGE_HEADERS.idempotencyKey]: message.idempotencyKey ?? originalMessageId,
    ...(message.headers[MESSAGE_HEADERS.deadLetterReason] === undefined ? {} : FORMER_DEATH),
    ...more,
  });
}
