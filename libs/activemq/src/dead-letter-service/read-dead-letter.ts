import { isDeadLetterQueue } from '../delivery/dead-letter-queue.js';
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
    bodySize: message.receivedBody.length,
  };
}

/**
 * Where a dead letter came from, as JMS prints it.
 *
 * What the broker noted when it moved the message wins over what may be the producer's, unless it has moved a dead letter of ours once more. Over
 * STOMP a producer can write either.
 */
export function originalDestinationOf(headers: StompHeaders): string | undefined {
  const moved = jmsName(headers['original-destination']);
  if (moved !== undefined && !isDeadLetterQueue(moved)) return moved;
  return jmsName(headers[MESSAGE_HEADERS.originalDestination]) ?? moved;
}

function jmsName(destination: string | undefined): string | undefined {
  return destination === undefined || destination === '' ? undefined : destination.replace(/^\/(?:remote-)?([^/]+)\//, '$1://');
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
