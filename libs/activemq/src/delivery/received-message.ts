import type { JmsDestination } from '../message/destination.js';
import type { JmsMessage } from '../message/jms-message.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { readWholeNumber } from '../message/whole-number.js';
import type { Verdict } from './delivery-memory.js';

/** Where a message was delivered from. It is the broker's word: unlike a user's it is not checked. */
export function receivedFrom({ destination }: JmsMessage): JmsDestination {
  const at = destination.indexOf('://');
  const type = destination.slice(0, at);
  const isKnown = type === 'topic' || type === 'temp-queue' || type === 'temp-topic';
  return { type: isKnown ? type : 'queue', physicalName: at === -1 ? destination : destination.slice(at + 3) };
}

/** Above it the count of a hostile header would not fit where ActiveMQ keeps it, in a Java int. */
const MOST_ATTEMPTS = 1_000_000;

/**
 * Attempts at the message, made elsewhere or before, that its scheduled copy tells of. A dead letter that was moved back by hand begins anew; in
 * what is no copy the header is somebody else's.
 */
export function attemptsBefore({ headers }: JmsMessage): number {
  const isCopy = headers[MESSAGE_HEADERS.originalMessageId] !== undefined && headers[MESSAGE_HEADERS.deadLetterReason] === undefined;
  return isCopy ? Math.min(readWholeNumber(headers[MESSAGE_HEADERS.deliveryCount]) ?? 0, MOST_ATTEMPTS) : 0;
}

/** When the first of those attempts failed, in ms since 1970. */
export function firstFailureBefore(message: JmsMessage): number | undefined {
  return attemptsBefore(message) === 0 ? undefined : readWholeNumber(message.headers[MESSAGE_HEADERS.firstFailedAt]);
}

/** Whether the message expires within so many ms, or has. */
export function expiresWithin(message: JmsMessage, ms: number): boolean {
  return message.expiration > 0 && message.expiration <= Date.now() + ms;
}

/** Whether the message was sent non-persistent. */
export function isNonPersistent(message: JmsMessage): boolean {
  return message.headers['persistent'] !== 'true';
}

/** How often the message was sent back because somebody else was handling it. */
export function deferralsBefore(message: JmsMessage): number {
  return readWholeNumber(message.headers[MESSAGE_HEADERS.deferrals]) ?? 0;
}

/** Why a message that expired is not handled. */
export const EXPIRED: Verdict = { reason: 'expired', error: undefined, isExpired: true };
