import { toLogText } from '../errors/error-text.js';
import type { JmsMessage } from '../message/jms-message.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { readWholeNumber } from '../message/whole-number.js';
import type { StompHeaders } from '../stomp/frame.js';
import type { DeadLetter, DeadLetterCause } from './dead-letter.js';

/** The broker's own words on an expired message, in `dlqDeliveryFailureCause`. */
const EXPIRED = /\bMessage Expired\b/i;

/** Reads what the headers of a dead letter tell, ours and those of the broker and of OpenWire clients. */
export function readDeadLetter(message: JmsMessage, queue: string): DeadLetter {
  const { headers } = message;
  const failureCause = text(headers, 'dlqDeliveryFailureCause');
  return {
    messageId: message.messageId,
    queue,
    cause: causeOf(headers),
    originalDestination: bounded(originalDestinationOf(headers)),
    originalMessageId: text(headers, MESSAGE_HEADERS.originalMessageId),
    reason: text(headers, MESSAGE_HEADERS.deadLetterReason) ?? failureCause,
    errorClass: text(headers, MESSAGE_HEADERS.deadLetterErrorClass),
    errorMessage: text(headers, MESSAGE_HEADERS.deadLetterErrorMessage),
    attempts: readWholeNumber(headers[MESSAGE_HEADERS.deliveryCount]),
    firstFailedAt: readWholeNumber(headers[MESSAGE_HEADERS.firstFailedAt]),
    lastFailedAt: readWholeNumber(headers[MESSAGE_HEADERS.lastFailedAt]),
    listenerId: text(headers, MESSAGE_HEADERS.listenerId),
    application: text(headers, MESSAGE_HEADERS.application),
    idempotencyKey: message.idempotencyKey,
    correlationId: message.correlationId,
    type: message.type,
    timestamp: message.timestamp,
    originalExpiration: readWholeNumber(headers['originalExpiration']) || undefined,
    bodySize: message.body.length,
  };
}

/** Where a dead letter came from, as JMS prints it; ours wins: the broker may have moved the letter once more. */
export function originalDestinationOf(headers: StompHeaders): string | undefined {
  const original = headers[MESSAGE_HEADERS.originalDestination] ?? headers['original-destination'];
  return original === undefined || original === '' ? undefined : original.replace(/^\/(?:remote-)?([^/]+)\//, '$1://');
}

function causeOf(headers: StompHeaders): DeadLetterCause {
  if (headers[MESSAGE_HEADERS.deadLetterReason] !== undefined) return 'application';
  const failureCause = headers['dlqDeliveryFailureCause'];
  if (failureCause !== undefined) return EXPIRED.test(failureCause) ? 'expired' : 'rejected';
  return headers['original-destination'] === undefined ? 'unknown' : 'rejected';
}

function text(headers: StompHeaders, name: string): string | undefined {
  return bounded(headers[name]);
}

function bounded(value: string | undefined): string | undefined {
  return value === undefined ? undefined : toLogText(value);
}
