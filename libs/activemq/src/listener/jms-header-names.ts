/** Where over STOMP stands what JMS has in a header or a property of that name. */
const INSTEAD: Readonly<Record<string, string>> = {
  JMSCorrelationID: 'correlation-id',
  JMSDestination: 'destination',
  JMSExpiration: 'expires',
  JMSMessageID: 'message-id',
  JMSPriority: 'priority',
  JMSRedelivered: 'redelivered',
  JMSReplyTo: 'reply-to',
  JMSTimestamp: 'timestamp',
  JMSType: 'type',
};

/** What no header of the same content stands for. */
const CURES: Readonly<Record<string, string>> = {
  JMSDeliveryMode: "read 'persistent', which is 'true' or absent",
  JMSXGroupID: "read 'groupId', in which this package's senders mirror it",
  JMSXGroupSeq: 'have the sender write it in a header of another name, too',
  JMSXDeliveryCount: 'take the whole message with @Message() and read its `deliveryCount`',
};

/** Spring's names of the same: `jms_correlationId`. */
const SPRING_NAMES: Readonly<Record<string, string>> = {
  jms_correlationId: 'JMSCorrelationID',
  jms_deliveryMode: 'JMSDeliveryMode',
  jms_destination: 'JMSDestination',
  jms_expiration: 'JMSExpiration',
  jms_messageId: 'JMSMessageID',
  jms_priority: 'JMSPriority',
  jms_redelivered: 'JMSRedelivered',
  jms_replyTo: 'JMSReplyTo',
  jms_timestamp: 'JMSTimestamp',
  jms_type: 'JMSType',
};

/** What to do for a header that JMS or Spring knows by this name and no message over STOMP has; `undefined` for every other name. */
export function cureOfHeaderName(name: string): string | undefined {
  const jms = Object.hasOwn(SPRING_NAMES, name) ? SPRING_NAMES[name]! : name;
  if (Object.hasOwn(INSTEAD, jms)) return `read '${INSTEAD[jms]}'`;
  return Object.hasOwn(CURES, jms) ? CURES[jms] : undefined;
}
