import { stompHeaders } from '../../stomp/frame.js';
import type { Delivery } from '../destination/delivery.js';
import type { DestinationName } from '../destination/destination-name.js';
import { showStompDestination } from '../destination/stomp-destination.js';
import type { ServerFrame } from '../wire/server-frame-writer.js';
import { mapMessageBody, mapTransformation } from './map-message.js';

/** What the receiving connection adds. */
export interface MessageTarget {
  readonly subscriptionId: string | undefined;
  /** Left out for `auto` and below STOMP 1.2. */
  readonly ackId: string | undefined;
  readonly transformation: string | undefined;
  /** What this connection calls a temporary destination of its own. */
  readonly temporaryName: (name: DestinationName) => string | undefined;
}

/** Makes the MESSAGE frame of a delivery. */
export function messageFrame(delivery: Delivery, target: MessageTarget): ServerFrame {
  const { message } = delivery;
  const show = (name: DestinationName | undefined) =>
    name === undefined ? undefined : (target.temporaryName(name) ?? showStompDestination(name));
  const headers = stompHeaders({
    destination: show(message.destination),
    'message-id': message.id,
    'correlation-id': message.correlationId,
    expires: String(message.expiration),
    redelivered: delivery.redelivered ? 'true' : undefined,
    priority: String(message.priority),
    'reply-to': show(message.replyTo),
    timestamp: String(message.timestamp),
    type: message.type,
    'original-destination': show(message.originalDestination),
    persistent: message.persistent ? 'true' : undefined,
  });
  Object.assign(headers, message.properties);
  const body = mapMessageBody(message, target.transformation) ?? message.body;
  const transformation = mapTransformation(message, target.transformation);
  if (transformation !== undefined) headers['transformation'] = transformation;
  if (!message.text) headers['content-length'] = String(body.length);
  if (target.subscriptionId !== undefined) headers['subscription'] = target.subscriptionId;
  if (target.ackId !== undefined) headers['ack'] = target.ackId;
  return { command: 'MESSAGE', headers, body };
}
