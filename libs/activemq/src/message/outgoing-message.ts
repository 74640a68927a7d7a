import { v7 as uuidv7 } from 'uuid';

import { ConfigurationError } from '../errors/index.js';
import { assertBoolean, assertInteger, assertKnownOptions, assertRecord, assertText } from '../validation/index.js';
import { stompHeaders } from '../stomp/frame.js';
import { areShared, bytesOf } from './bytes.js';
import { parseTargets, toStompDestination } from './destination.js';
import type { MessageConverter } from './message-converter.js';
import { MESSAGE_HEADERS, whyReserved } from './message-headers.js';
import { assertScheduleHeaders } from './schedule-headers.js';
import { type MessageSchedule, toScheduleHeaders } from './schedule.js';
import { readWholeNumber } from './whole-number.js';

/** How one message is sent. Mirrors the QoS settings of Spring's `JmsTemplate`; setting one is enough to make it count. */
export interface SendOptions {
  /** Custom headers; JMS peers see them as String properties. Prefer Java identifiers: selectors cannot see a name with `-`. */
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  /** Whether the message survives a restart of the broker; default `true`, as in JMS. */
  readonly persistent?: boolean;
  /** 0 (lowest) to 9; default 4. The broker heeds it only with `prioritizedMessages="true"`. */
  readonly priority?: number;
  /** ms until the message expires; default 0, never. */
  readonly timeToLive?: number;
  /** ms until the broker delivers it; default 0, at once. A time to live counts from the delivery. The broker needs `schedulerSupport="true"`. */
  readonly deliveryDelay?: number;
  /** Deliveries by the broker's scheduler, once, periodically or by a cron entry; all of one message have one `idempotencyKey`. */
  readonly schedule?: MessageSchedule;
  /** Mirrors `JMSCorrelationID`. */
  readonly correlationId?: string;
  /** Where the answer shall go. Mirrors `JMSReplyTo`. */
  readonly replyTo?: string;
  /** Mirrors `JMSType`. */
  readonly type?: string;
  /** Message group: messages of one group go to one consumer, in order. Mirrors `JMSXGroupID`. */
  readonly groupId?: string;
  /** Number of the message in its group; -1 closes the group, so that its next message may go to another consumer. Mirrors `JMSXGroupSeq`. */
  readonly groupSeq?: number;
  /** Identity of this logical send; default a new UUIDv7. Give the same key again to repeat a send whose outcome is unknown. */
  readonly idempotencyKey?: string;
  /** ms until the send fails, waiting for a broker included; 0 waits for ever. Default the template's `sendTimeout`. */
  readonly sendTimeout?: number;
  /**
   * Whether the send resolves when the broker has stored the message; default `true`. `false`: when it was written to the socket, and nobody
   * says what became of it. It is lost when the connection dies before the broker has read it, and is never sent again; a refusal is only logged.
   */
  readonly confirm?: boolean;
}

const WHERE = 'The options of a send';
/** Some 30 000 years: the sum with the clock stays exact. */
const LONGEST_TIME_TO_LIVE = 1_000_000_000_000_000;

/** A message ready for the wire. */
export interface OutgoingMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly idempotencyKey: string;
}

/**
 * Makes the SEND frame's headers and body of a payload.
 *
 * @throws ConfigurationError for a bad destination, option or header
 * @throws MessageConversionError for a payload the converter cannot write
 */
export function createOutgoingMessage(
  destination: string,
  payload: unknown,
  options: SendOptions,
  { converter, pubSubDomain }: { readonly converter: MessageConverter; readonly pubSubDomain: boolean },
): OutgoingMessage {
  assertSendOptions(options);
  const idempotencyKey = options.idempotencyKey ?? uuidv7();
  const custom = customHeaders(options.headers ?? {});
  const schedule = toScheduleHeaders(options);
  if (options.schedule || options.deliveryDelay) assertSaidOnce(custom);
  const requestedType = custom['content-type'];
  const { body: written, isText, contentType, headers: ofConverter } = converter.toMessage(payload, { contentType: requestedType });
  // A converter may give the payload's own bytes, and the caller may use them again before they are sent, or sent again.
  const bytes = bytesOf(payload);
  const body = bytes && areShared(bytes, written) ? Buffer.from(written) : written;
  const headers = stompHeaders({
    ...ofConverter,
    ...custom,
    ...stompHeaders(schedule),
    destination: toStompDestination(parseTargets('The destination of a send', destination, pubSubDomain)),
    persistent: String(options.persistent ?? true),
    priority: options.priority === undefined ? undefined : String(options.priority),
    expires: options.timeToLive ? String(Date.now() + options.timeToLive) : undefined,
    'correlation-id': options.correlationId,
    'reply-to':
      options.replyTo === undefined ? undefined : toStompDestination(parseTargets(`${WHERE}: \`replyTo\``, options.replyTo, pubSubDomain)),
    type: options.type,
    JMSXGroupID: options.groupId,
    JMSXGroupSeq: options.groupSeq === undefined ? undefined : String(options.groupSeq),
    [MESSAGE_HEADERS.groupId]: options.groupId,
    [MESSAGE_HEADERS.idempotencyKey]: idempotencyKey,
    'content-type': requestedType ?? contentType,
    'amq-msg-type': isText ? 'text' : 'bytes',
  });
  return { headers, body, idempotencyKey };
}

/** Every option name, for the check that refuses unknown ones. */
export const SEND_OPTION_NAMES = [
  'headers',
  'persistent',
  'priority',
  'timeToLive',
  'deliveryDelay',
  'schedule',
  'correlationId',
  'replyTo',
  'type',
  'groupId',
  'groupSeq',
  'idempotencyKey',
  'sendTimeout',
  'confirm',
] as const satisfies readonly (keyof SendOptions)[];

const TEXT_OPTIONS = ['correlationId', 'replyTo', 'type', 'groupId', 'idempotencyKey'] as const;
const LONGEST_TIMER = 2_147_483_647;

function assertSendOptions(options: SendOptions): void {
  assertKnownOptions(WHERE, options, SEND_OPTION_NAMES);
  const { persistent, priority, timeToLive, sendTimeout, groupId, groupSeq, confirm } = options;
  if (persistent !== undefined) assertBoolean(WHERE, 'persistent', persistent);
  if (priority !== undefined) assertInteger(WHERE, 'priority', priority, { min: 0, max: 9 });
  if (timeToLive !== undefined) assertInteger(WHERE, 'timeToLive', timeToLive, { min: 0, max: LONGEST_TIME_TO_LIVE });
  if (sendTimeout !== undefined) assertInteger(WHERE, 'sendTimeout', sendTimeout, { min: 0, max: LONGEST_TIMER });
  if (groupSeq !== undefined) assertInteger(WHERE, 'groupSeq', groupSeq, { min: -1, max: LONGEST_TIMER });
  if (groupSeq !== undefined && groupId === undefined) throw new ConfigurationError(`${WHERE}: \`groupSeq\` needs \`groupId\``);
  if (confirm !== undefined) assertBoolean(WHERE, 'confirm', confirm);
  for (const name of TEXT_OPTIONS) if (options[name] !== undefined) assertText(WHERE, name, options[name]);
}

function assertSaidOnce(headers: Readonly<Record<string, string>>): void {
  const raw = Object.keys(headers).find((name) => name.startsWith('AMQ_SCHEDULED_'));
  if (raw)
    throw new ConfigurationError(`${WHERE}: the header '${raw}' and the options \`schedule\` and \`deliveryDelay\` exclude each other`);
}

function customHeaders(given: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  assertRecord(WHERE, 'headers', given);
  const headers = stompHeaders();
  for (const name of Object.keys(given)) {
    const why = whyReserved(name);
    if (why) throw new ConfigurationError(`The header '${name}' cannot be set in \`headers\`: ${why}`);
    const value: unknown = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new ConfigurationError(
        `The header '${name}' is of type ${value === null ? 'null' : typeof value}; a header is a string, a number or a boolean`,
      );
    }
    headers[name] = String(value);
  }
  assertScheduleHeaders(headers);
  assertTimestamp(headers['timestamp']);
  return headers;
}

/** ActiveMQ closes the connection over one that it cannot read. */
function assertTimestamp(timestamp: string | undefined): void {
  if (timestamp === undefined || readWholeNumber(timestamp) !== undefined) return;
  throw new ConfigurationError(
    `The header 'timestamp' is ${JSON.stringify(timestamp.slice(0, 100))}; it must be the ms since 1970, a whole number`,
  );
}
