import { WITHOUT_FORMER_DEATH } from '../delivery/dead-letter/former-death.js';
import { isDeadLetterQueue } from '../delivery/dead-letter-queue.js';
import { toErrorText } from '../errors/error-text.js';
import { formatDestination, isPattern, type JmsDestination, parseDestinations, toStompDestination } from '../message/destination.js';
import type { JmsMessage } from '../message/jms-message.js';
import { copyHeaders, isCopyable } from '../message/message-copy.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { readWholeNumber } from '../message/whole-number.js';
import { originalDestinationOf } from './read-dead-letter.js';

/** What a dead letter becomes, or why it has to stay. */
export type SendBackCopy = { readonly headers: Readonly<Record<string, string>> } | { readonly refusal: string };

/** How copies are made. */
export interface SendBackSettings {
  /** The dead letter queue, as JMS prints it. */
  readonly queue: string;
  readonly to: JmsDestination | undefined;
  readonly keepExpiration: boolean;
  readonly run: string;
}

/** The SEND headers of the copy of a dead letter that goes back; identity, correlation, trace context and custom headers are kept. */
export function sendBackCopy(message: JmsMessage, { queue, to, keepExpiration, run }: SendBackSettings): SendBackCopy {
  if (!isCopyable(message))
    return { refusal: 'it is a Java MapMessage, ObjectMessage or StreamMessage: STOMP shows no body of it to copy' };
  const target = to ?? originalTarget(message, queue);
  if (typeof target === 'string') return { refusal: target };
  const expires = readWholeNumber(message.headers['originalExpiration']) ?? 0;
  if (keepExpiration && expires > 0 && expires <= Date.now()) return { refusal: 'it would have expired meanwhile' };
  return {
    headers: copyHeaders(message, toStompDestination([target]), {
      ...WITHOUT_FORMER_DEATH,
      expires: keepExpiration && expires > 0 ? String(expires) : undefined,
      [MESSAGE_HEADERS.originalMessageId]: message.headers[MESSAGE_HEADERS.originalMessageId] ?? message.messageId,
      [MESSAGE_HEADERS.sendBackRun]: run,
    }),
  };
}

/** Where a dead letter came from when it can go back there; else why it cannot. */
function originalTarget({ headers }: JmsMessage, queue: string): JmsDestination | string {
  const original = originalDestinationOf(headers);
  if (original === undefined) return 'nothing tells where it came from: give `to`';
  let destinations: readonly JmsDestination[];
  try {
    destinations = parseDestinations(original);
  } catch (error) {
    return `where it came from is no destination: ${toErrorText(error)}`;
  }
  const [target] = destinations;
  if (!target || destinations.length > 1 || isPattern(destinations)) return `it went to several destinations, ${original}: give \`to\``;
  if (target.type.endsWith('topic')) return `it came from ${original}, and every subscriber of that would get it again: give \`to\``;
  const name = formatDestination(target);
  if (name === queue || isDeadLetterQueue(name)) return `it came from ${original}, which is a dead letter queue itself: give \`to\``;
  return target;
}
