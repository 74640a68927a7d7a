/** What a selector can ask of a message. */
export interface SelectableMessage {
  /**
   * The value of a property, or `undefined` where ActiveMQ has NULL. Names are case-sensitive.
   *
   * Custom STOMP headers are strings, always. `JMSPriority`, `JMSXDeliveryCount`, `JMSXGroupSeq`, `JMSTimestamp` and `JMSExpiration` are
   * numbers (the last two in ms), `JMSRedelivered` is a boolean; `JMSMessageID`, `JMSType`, `JMSCorrelationID`, `JMSReplyTo`,
   * `JMSDestination` (`queue://x`), `JMSDeliveryMode` (`PERSISTENT` or `NON_PERSISTENT`), `JMSXGroupID` and `JMSXUserID` are strings.
   */
  property(name: string): string | number | boolean | undefined;
}
