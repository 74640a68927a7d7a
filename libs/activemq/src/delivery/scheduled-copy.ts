import type { JmsMessage } from '../message/jms-message.js';
import { copyHeaders } from '../message/message-copy.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import { WITHOUT_FORMER_DEATH } from './dead-letter/former-death.js';

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
    // Moved back by hand: its former attempts do not count, nor do those that the copy would tell of.
    ...(message.headers[MESSAGE_HEADERS.deadLetterReason] === undefined ? {} : WITHOUT_FORMER_DEATH),
    ...more,
  });
}
