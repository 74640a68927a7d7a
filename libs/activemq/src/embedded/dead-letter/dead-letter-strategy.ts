/** What every dead letter strategy has, with ActiveMQ's names and defaults. */
export interface DeadLetterOptions {
  /** Keep non-persistent messages too; default `false`. */
  readonly processNonPersistent?: boolean;
  /** Keep expired messages; default `true`. */
  readonly processExpired?: boolean;
  /**
   * Never take the same message id twice; default `true`. The copies of virtual topics and composites share one id: of several that are
   * rejected only one is kept.
   */
  readonly enableAudit?: boolean;
  /** Life of a dead letter in ms; default 0: for ever. */
  readonly expiration?: number;
}

/** Where rejected and expired messages go, ActiveMQ's `<deadLetterStrategy>`. */
export type DeadLetterStrategyOptions =
  | (DeadLetterOptions & {
      readonly kind: 'shared';
      /** Default `ActiveMQ.DLQ`. */
      readonly deadLetterQueue?: string;
    })
  | (DeadLetterOptions & {
      readonly kind: 'individual';
      /** Default `ActiveMQ.DLQ.Queue.`. */
      readonly queuePrefix?: string;
      /** Default empty. */
      readonly queueSuffix?: string;
      /** Default `ActiveMQ.DLQ.Topic.`. */
      readonly topicPrefix?: string;
      /** Default empty. */
      readonly topicSuffix?: string;
      /** Default `true`; else dead letters of queues go to a topic. */
      readonly useQueueForQueueMessages?: boolean;
      /** Default `true`; else dead letters of topics go to a topic. */
      readonly useQueueForTopicMessages?: boolean;
      /** Default `false`; else each durable subscription has its own, `<topicPrefix><topic>.<clientId>:<subscriptionName>`. */
      readonly destinationPerDurableSubscriber?: boolean;
    })
  | (DeadLetterOptions & { readonly kind: 'discarding' });
