import { stompHeaders, type StompFrame } from '../../stomp/frame.js';
import type { BrokerMessage } from '../broker/broker-message.js';
import { ConnectionDrop, Refusal } from '../broker/refusal.js';
import type { DestinationName } from '../destination/destination-name.js';
import { parseStompDestination, type TemporaryDestinations } from '../destination/stomp-destination.js';
import { assertSchedule } from '../scheduler/schedule-headers.js';
import { applyJmsProperties } from './jms-properties.js';

/** Headers that tell the broker something and do not travel with the message. */
const CONSUMED = [
  'destination',
  'correlation-id',
  'expires',
  'timestamp',
  'priority',
  'type',
  'reply-to',
  'persistent',
  'receipt',
  'transaction',
  'message-id',
  'redelivered',
  'subscription',
  'JMSXUserID',
];

/** What the sender's connection adds. */
export interface MessageOrigin {
  readonly id: string;
  readonly connectionId: string;
  readonly now: number;
  readonly temporary: TemporaryDestinations;
}

/**
 * Makes a message of a SEND frame.
 *
 * @throws Refusal for an unknown `amq-msg-type`
 * @throws ConnectionDrop for values over which ActiveMQ closes the connection without an ERROR frame
 */
export function incomingMessage(frame: StompFrame, origin: MessageOrigin): BrokerMessage {
  const { headers, body } = frame;
  const text = isText(headers['amq-msg-type'], headers['content-length']);
  const properties = stompHeaders(headers);
  for (const name of CONSUMED) delete properties[name];
  // ActiveMQ forgets the length only where it alone decided the message's type.
  if (properties['amq-msg-type'] === undefined) delete properties['content-length'];
  if ('' in properties) throw new ConnectionDrop('a header has no name');
  assertSchedule(properties);
  const replyTo = replyDestination(headers['reply-to'], origin, properties);
  return applyJmsProperties(
    {
      id: origin.id,
      destination: destinationOf(headers['destination'] ?? '', origin.temporary),
      originalDestination: undefined,
      correlationId: headers['correlation-id'],
      replyTo,
      type: headers['type'],
      groupId: undefined,
      groupSequence: 0,
      priority: Math.min(9, Math.max(0, integer('priority', headers['priority'], 4))),
      persistent: headers['persistent'] === 'true',
      timestamp: integer('timestamp', headers['timestamp'], origin.now),
      expiration: integer('expires', headers['expires'], 0),
      redeliveries: 0,
      text,
      properties,
      body,
      connectionId: origin.connectionId,
    },
    properties,
  );
}

/**
 * Reads a destination header.
 *
 * @throws ConnectionDrop for an empty name, as ActiveMQ does
 */
export function destinationOf(text: string, temporary: TemporaryDestinations): DestinationName {
  try {
    return parseStompDestination(text, temporary);
  } catch (error) {
    if (error instanceof RangeError) throw new ConnectionDrop(error.message, { cause: error });
    throw error;
  }
}

function replyDestination(
  text: string | undefined,
  origin: MessageOrigin,
  properties: Record<string, string>,
): DestinationName | undefined {
  if (text === undefined) return undefined;
  const found = parseStompDestination(text, origin.temporary, true);
  // What is no destination travels as a header like any other.
  if (found === undefined) properties['reply-to'] = text;
  return found;
}

function isText(type: string | undefined, contentLength: string | undefined): boolean {
  if (type === undefined) return contentLength === undefined;
  const known = type.toLowerCase();
  if (known !== 'text' && known !== 'bytes') throw new Refusal(`Unsupported message type '${type}'`);
  return known === 'text';
}

function integer(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[+-]?\d{1,18}$/.test(text)) throw new ConnectionDrop(`${name} is not a number`);
  return Number(text);
}
