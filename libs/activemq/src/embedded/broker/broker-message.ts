import { stompHeaders } from '../../stomp/frame.js';
import type { DestinationName } from '../destination/destination-name.js';
import type { SelectableMessage } from '../../selector/index.js';

/** A message inside the broker; never changed, a copy is made instead. */
export interface BrokerMessage {
  /** `ID:...`, made by the broker; shared by the copies of composites and virtual topics. */
  readonly id: string;
  readonly destination: DestinationName;
  /** Where it was sent to before the broker moved or copied it. */
  readonly originalDestination: DestinationName | undefined;
  readonly correlationId: string | undefined;
  readonly replyTo: DestinationName | undefined;
  readonly type: string | undefined;
  readonly groupId: string | undefined;
  readonly groupSequence: number;
  /** 0 to 9, default 4. */
  readonly priority: number;
  readonly persistent: boolean;
  /** Ms since the epoch. */
  readonly timestamp: number;
  /** Ms since the epoch, 0 for never. */
  readonly expiration: number;
  /** How often it was delivered before it reached its queue. */
  readonly redeliveries: number;
  /** Whether it is a TextMessage, shown without `content-length`. */
  readonly text: boolean;
  /** Everything else that stood in the headers; an object without prototype. */
  readonly properties: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The connection that sent it, for `noLocal`. */
  readonly connectionId: string;
  /** The entries of a MapMessage, which only the broker itself makes; shown as JSON or XML. */
  readonly map?: MapEntries;
}

/** A MapMessage's entries: name, Java type and value. */
export type MapEntries = readonly (readonly [name: string, type: 'string' | 'long' | 'int' | 'double', value: string | number])[];

/** What ActiveMQ charges for any message, however small, in bytes. */
const MINIMUM_SIZE = 1024;

/** The memory a message is charged with, in bytes. */
export function messageSize(message: BrokerMessage): number {
  let size = MINIMUM_SIZE + message.body.length;
  for (const name in message.properties) size += name.length + (message.properties[name]?.length ?? 0);
  return size;
}

/** Copies a message with changes. */
export function copyMessage(message: BrokerMessage, changes: Partial<BrokerMessage>): BrokerMessage {
  return { ...message, ...changes };
}

/** Copies properties; those given as `undefined` are left out. */
export function copyProperties(
  properties: BrokerMessage['properties'],
  changes: Record<string, string | undefined>,
): Record<string, string> {
  const copy = stompHeaders(properties);
  for (const name of Object.keys(changes)) {
    const value = changes[name];
    if (value === undefined) delete copy[name];
    else copy[name] = value;
  }
  return copy;
}

/** Shows a message to a selector, as it would be delivered after `redeliveries` earlier deliveries. */
export function selectable(message: BrokerMessage, redeliveries: number): SelectableMessage {
  return { property: (name) => propertyOf(message, redeliveries, name) };
}

function propertyOf(message: BrokerMessage, redeliveries: number, name: string): string | number | boolean | undefined {
  switch (name) {
    case 'JMSDestination':
      return message.destination.qualifiedName;
    case 'JMSReplyTo':
      return message.replyTo?.qualifiedName;
    case 'JMSType':
      return message.type;
    case 'JMSDeliveryMode':
      return message.persistent ? 'PERSISTENT' : 'NON_PERSISTENT';
    case 'JMSPriority':
      return message.priority;
    case 'JMSMessageID':
      return message.id;
    case 'JMSTimestamp':
      return message.timestamp;
    case 'JMSCorrelationID':
      return message.correlationId;
    case 'JMSExpiration':
      return message.expiration;
    case 'JMSRedelivered':
      return redeliveries > 0;
    case 'JMSXDeliveryCount':
      return redeliveries + 1;
    case 'JMSXGroupID':
      return message.groupId;
    case 'JMSXGroupSeq':
      return message.groupSequence;
    default:
      return message.properties[name];
  }
}
