/** The names of our own headers: Java identifiers, so that selectors and Java peers can use them. */
export const MESSAGE_HEADERS = {
  /** Which run of `DeadLetterService.sendBack` made this copy of a dead letter: it is not sent back twice by one run. */
  sendBackRun: 'sendBackRun',
  /** In an error reply: class of the error, e.g. `NotFoundException`. */
  errorClass: 'errorClass',
  /** The correlation id that the application gave a request, whose `correlation-id` belongs to request/reply. */
  applicationCorrelationId: 'applicationCorrelationId',
  /** In an error reply: message of the error, 1000 characters at most. */
  errorMessage: 'errorMessage',
  /** One per logical send: kept by resends, retries, dead-lettering and sending back. */
  idempotencyKey: 'idempotencyKey',
  /** The message group, mirrored because the broker does not echo `JMSXGroupID`. */
  groupId: 'groupId',
  /** Attempts made so far, on a copy that the scheduler brings back and on a dead letter. */
  deliveryCount: 'deliveryCount',
  /** ms since 1970 of the first failed attempt. */
  firstFailedAt: 'firstFailedAt',
  /** ms since 1970 of the last failed attempt. */
  lastFailedAt: 'lastFailedAt',
  /** The broker's id of the message that a copy was made of. */
  originalMessageId: 'originalMessageId',
  /** Where a dead letter came from, e.g. `queue://orders`. */
  originalDestination: 'originalDestination',
  /** Why a message was dead-lettered, in words. */
  deadLetterReason: 'deadLetterReason',
  /** Class of the last error, e.g. `TypeError`. */
  deadLetterErrorClass: 'deadLetterErrorClass',
  /** Message of the last error, 1000 characters at most. */
  deadLetterErrorMessage: 'deadLetterErrorMessage',
  /** The listener that gave up. */
  listenerId: 'listenerId',
  /** The application that gave up, by the module's option of that name. */
  application: 'application',
  /** How often a message was sent back because another consumer was at it. */
  deferrals: 'deferrals',
} as const;

/** SEND headers that have an option of their own, with its name. */
const OPTION_OF_HEADER: ReadonlyMap<string, string> = new Map([
  ['persistent', 'persistent'],
  ['priority', 'priority'],
  ['expires', 'timeToLive'],
  ['correlation-id', 'correlationId'],
  ['reply-to', 'replyTo'],
  ['type', 'type'],
  // The broker takes a property of these names for the field itself.
  ['JMSExpiration', 'timeToLive'],
  ['JMSDeliveryMode', 'persistent'],
  ['JMSReplyTo', 'replyTo'],
  ['JMSPriority', 'priority'],
  ['JMSType', 'type'],
  ['JMSCorrelationID', 'correlationId'],
  ['JMSXGroupID', 'groupId'],
  ['JMSXGroupSeq', 'groupSeq'],
  [MESSAGE_HEADERS.groupId, 'groupId'],
  [MESSAGE_HEADERS.idempotencyKey, 'idempotencyKey'],
]);

/** Headers that belong to the wire or to the broker: a sender cannot set them. */
const WIRE_HEADERS: ReadonlySet<string> = new Set([
  'destination',
  'receipt',
  'transaction',
  'content-length',
  'message-id',
  'subscription',
  'ack',
  'id',
  'redelivered',
  'original-destination',
  'originalExpiration',
  'scheduledJobId',
  'JMSXUserID',
  'amq-msg-type',
  'transformation',
  'JMSXDeliveryCount',
  'JMSMessageID',
  'JMSDestination',
  'JMSRedelivered',
  'originalDeliveryMode',
  'dlqDeliveryFailureCause',
  'redeliveryDelay',
]);

/** Our own headers that nobody else writes; those of an error reply are any peer's. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  MESSAGE_HEADERS.sendBackRun,
  MESSAGE_HEADERS.applicationCorrelationId,
  MESSAGE_HEADERS.listenerId,
  MESSAGE_HEADERS.application,
  MESSAGE_HEADERS.deferrals,
  MESSAGE_HEADERS.deliveryCount,
  MESSAGE_HEADERS.firstFailedAt,
  MESSAGE_HEADERS.lastFailedAt,
  MESSAGE_HEADERS.originalMessageId,
  MESSAGE_HEADERS.originalDestination,
  MESSAGE_HEADERS.deadLetterReason,
  MESSAGE_HEADERS.deadLetterErrorClass,
  MESSAGE_HEADERS.deadLetterErrorMessage,
]);

/** Why a header cannot be given by name in `headers`; `undefined` when it can. */
export function whyReserved(name: string): string | undefined {
  const option = OPTION_OF_HEADER.get(name);
  if (option) return `use the option \`${option}\``;
  if (name === 'JMSTimestamp') return 'use the header `timestamp`';
  if (OWN_HEADERS.has(name)) return 'this package writes it itself; give yours another name';
  return WIRE_HEADERS.has(name) ? 'it belongs to the protocol or to the broker' : undefined;
}
