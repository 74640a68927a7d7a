/** The names of our own headers: Java identifiers, so that selectors and Java peers can use them. */
export const MESSAGE_HEADERS = {
  /** In an error reply: class of the error, e.g. `NotFoundException`. */
  errorClass: 'errorClass',
  /** In an error reply: message of the error, 1000 characters at most. */
  errorMessage: 'errorMessage',
  /** One per logical send: kept by resends, retries, dead-lettering and sending back. */
  idempotencyKey: 'idempotencyKey',
  /** The message group, mirrored because the broker does not echo `JMSXGroupID`. */
  groupId: 'groupId',
} as const;

/** SEND headers that have an option of their own, with its name. */
const OPTION_OF_HEADER: ReadonlyMap<string, string> = new Map([
  ['persistent', 'persistent'],
  ['priority', 'priority'],
  ['expires', 'timeToLive'],
  ['correlation-id', 'correlationId'],
  ['reply-to', 'replyTo'],
  ['type', 'type'],
  ['JMSXGroupID', 'groupId'],
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
]);

/** Why a header cannot be given by name in `headers`; `undefined` when it can. */
export function whyReserved(name: string): string | undefined {
  const option = OPTION_OF_HEADER.get(name);
  if (option) return `use the option \`${option}\``;
  return WIRE_HEADERS.has(name) ? 'it belongs to the protocol or to the broker' : undefined;
}
