import { formatDestination, type JmsDestination, toStompDestination } from '../../message/destination.js';
import type { JmsMessage } from '../../message/jms-message.js';
import { copyHeaders } from '../../message/message-copy.js';
import { MESSAGE_HEADERS } from '../../message/message-headers.js';
import { toErrorClass, toErrorText, toLogText } from '../../errors/error-text.js';
import type { FailureRecord, Verdict } from '../delivery-memory.js';
import { firstFailureBefore, receivedFrom } from '../received-message.js';

/** Who gives a message up, and what is known of its attempts. */
export interface DeadLetterFacts {
  readonly listenerId: string;
  readonly application: string | undefined;
  readonly attempts: number;
  readonly record: FailureRecord;
  readonly verdict: Verdict;
  /** ms until the dead letter itself expires; 0 is never. */
  readonly expiration: number;
}

/** The SEND headers of a message's dead letter: the message as it was, and why it is dead. Always persistent. */
export function deadLetterHeaders(message: JmsMessage, target: JmsDestination, facts: DeadLetterFacts): Readonly<Record<string, string>> {
  const { verdict, record } = facts;
  return copyHeaders(message, toStompDestination([target]), {
    persistent: 'true',
    expires: facts.expiration > 0 ? String(Date.now() + facts.expiration) : undefined,
    [MESSAGE_HEADERS.deadLetterReason]: toLogText(verdict.reason),
    [MESSAGE_HEADERS.deadLetterErrorClass]: verdict.error === undefined ? undefined : toErrorClass(verdict.error),
    [MESSAGE_HEADERS.deadLetterErrorMessage]: verdict.error === undefined ? undefined : toErrorText(verdict.error),
    [MESSAGE_HEADERS.deliveryCount]: String(facts.attempts),
    [MESSAGE_HEADERS.firstFailedAt]: text(firstFailureBefore(message) ?? record.firstFailedAt),
    [MESSAGE_HEADERS.lastFailedAt]: text(record.lastFailedAt),
    [MESSAGE_HEADERS.originalDestination]: formatDestination(receivedFrom(message)),
    [MESSAGE_HEADERS.originalMessageId]: message.headers[MESSAGE_HEADERS.originalMessageId] ?? message.messageId,
    [MESSAGE_HEADERS.listenerId]: facts.listenerId,
    [MESSAGE_HEADERS.application]: facts.application,
  });
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
