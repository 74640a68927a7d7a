import type { DeadLetterStrategyOptions, PolicyEntryOptions } from './broker-options.js';

/** A dead-letter strategy of the broker, with the options and defaults that the strategies of nestjs-activemq have too. */
export interface DeadLetterPolicy {
  readonly kind: DeadLetterStrategyOptions['kind'];
  /** The dead letter queue of kind `shared`; default `ActiveMQ.DLQ`. */
  readonly deadLetterQueue?: string;
  /** Kind `individual`: before and after the name of a queue; default `ActiveMQ.DLQ.Queue.` and none. */
  readonly queuePrefix?: string;
  readonly queueSuffix?: string;
  /** Kind `individual`: before and after the name of a topic; default `ActiveMQ.DLQ.Topic.` and none. */
  readonly topicPrefix?: string;
  readonly topicSuffix?: string;
  /** Kind `individual`: whether dead letters go to queues, and not to topics; default true. */
  readonly useQueueForQueueMessages?: boolean;
  readonly useQueueForTopicMessages?: boolean;
  /** Kind `individual`: whether each durable subscription has a dead letter queue of its own; default false. */
  readonly destinationPerDurableSubscriber?: boolean;
  /** Whether expired messages become dead letters; default true. */
  readonly processExpired?: boolean;
  /** Whether non-persistent messages become dead letters; default false. */
  readonly processNonPersistent?: boolean;
  /** ms until a dead letter itself expires; default 0, never. */
  readonly expiration?: number;
  /**
   * Whether the broker drops the second dead letter of one message id; its default is true. `false` keeps what two consumers of a virtual topic, or
   * two queues of a composite destination, give up.
   */
  readonly enableAudit?: boolean;
}

/** The broker's policies that put a strategy in force. */
export function deadLetterPolicyEntries(policy: DeadLetterPolicy, pattern = '>'): readonly PolicyEntryOptions[] {
  const { kind, deadLetterQueue, ...attributes } = policy;
  const deadLetterStrategy: DeadLetterStrategyOptions = { kind, queue: deadLetterQueue, attributes };
  return [
    { queue: pattern, deadLetterStrategy },
    { topic: pattern, deadLetterStrategy },
  ];
}
