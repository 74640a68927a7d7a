import { v7 as uuidv7 } from 'uuid';

import { ConfigurationError } from '../errors/index.js';
import { stompHeaders } from '../stomp/frame.js';
import { parseDestinations, toStompDestination } from './destination.js';
import type { MessageConverter } from './message-converter.js';
import { MESSAGE_HEADERS, whyReserved } from './message-headers.js';
import { assertScheduleHeaders } from './schedule-headers.js';

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
  /** Mirrors `JMSCorrelationID`. */
  readonly correlationId?: string;
  /** Where the answer shall go. Mirrors `JMSReplyTo`. */
  readonly replyTo?: string;
  /** Mirrors `JMSType`. */
  readonly type?: string;
  /** Message group: messages of one group go to one consumer, in order. Mirrors `JMSXGroupID`. */
  readonly groupId?: string;
  /** Identity of this logical send; default a new UUIDv7. Give the same key again to repeat a send whose outcome is unknown. */
  readonly idempotencyKey?: string;
  /** ms until the send fails, waiting for a broker included; 0 waits for ever. Default the template's `sendTimeout`. */
  readonly sendTimeout?: number;
}

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
  const idempotencyKey = options.idempotencyKey ?? uuidv7();
  const { body, isText, contentType } = converter.toMessage(payload);
  const headers = stompHeaders({
    ...customHeaders(options.headers ?? {}),
    destination: toStompDestination(parseDestinations(destination, pubSubDomain)),
    persistent: String(options.persistent ?? true),
    priority: options.priority === undefined ? undefined : String(integerIn('priority', options.priority, 0, 9)),
    expires: options.timeToLive ? String(Date.now() + integerIn('timeToLive', options.timeToLive, 0, Number.MAX_SAFE_INTEGER)) : undefined,
    'correlation-id': options.correlationId,
    'reply-to': options.replyTo === undefined ? undefined : toStompDestination(parseDestinations(options.replyTo, pubSubDomain)),
    type: options.type,
    JMSXGroupID: options.groupId,
    [MESSAGE_HEADERS.groupId]: options.groupId,
    [MESSAGE_HEADERS.idempotencyKey]: idempotencyKey,
    'content-type': contentType ?? options.headers?.['content-type']?.toString(),
    'amq-msg-type': isText ? 'text' : 'bytes',
  });
  return { headers, body, idempotencyKey };
}

function customHeaders(given: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
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
  return headers;
}

function integerIn(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ConfigurationError(`\`${name}\` is ${value}; it must be an integer from ${min} to ${max}`);
}
