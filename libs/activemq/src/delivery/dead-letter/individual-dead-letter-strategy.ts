import type { JmsDestination } from '../../message/destination.js';
import { assertBoolean } from '../../validation/index.js';
import { ConfigurationError } from '../../errors/index.js';
import {
  DeadLetterStrategy,
  type DeadLetterStrategyOptions,
  type DeadLetterTarget,
  type DurableSubscriber,
} from './dead-letter-strategy.js';

/** Options of an {@link IndividualDeadLetterStrategy}. */
export interface IndividualDeadLetterStrategyOptions extends DeadLetterStrategyOptions {
  /** Before the name of a queue; default `ActiveMQ.DLQ.Queue.`. */
  readonly queuePrefix?: string;
  /** After the name of a queue; default none. */
  readonly queueSuffix?: string;
  /** Before the name of a topic; default `ActiveMQ.DLQ.Topic.`. */
  readonly topicPrefix?: string;
  /** After the name of a topic; default none. */
  readonly topicSuffix?: string;
  /** Whether dead letters of queues go to a queue; default `true`. On a topic they are lost when nobody listens. */
  readonly useQueueForQueueMessages?: boolean;
  /** Whether dead letters of topics go to a queue; default `true`. */
  readonly useQueueForTopicMessages?: boolean;
  /** Whether each durable subscription has a dead letter queue of its own; default `false`. */
  readonly destinationPerDurableSubscriber?: boolean;
}

/**
 * Each destination has a dead letter queue of its own: `ActiveMQ.DLQ.Queue.orders` for `orders`.
 *
 * @example deadLetter: new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' })
 */
export class IndividualDeadLetterStrategy extends DeadLetterStrategy {
  readonly #options: Required<Omit<IndividualDeadLetterStrategyOptions, keyof DeadLetterStrategyOptions>>;

  /** @throws ConfigurationError for an unknown option or an impossible value */
  constructor(options: IndividualDeadLetterStrategyOptions = {}) {
    const name = 'IndividualDeadLetterStrategy';
    const texts = ['queuePrefix', 'queueSuffix', 'topicPrefix', 'topicSuffix'] as const;
    const flags = ['useQueueForQueueMessages', 'useQueueForTopicMessages', 'destinationPerDurableSubscriber'] as const;
    super(name, options, [...texts, ...flags]);
    this.#options = {
      queuePrefix: options.queuePrefix ?? 'ActiveMQ.DLQ.Queue.',
      queueSuffix: options.queueSuffix ?? '',
      topicPrefix: options.topicPrefix ?? 'ActiveMQ.DLQ.Topic.',
      topicSuffix: options.topicSuffix ?? '',
      useQueueForQueueMessages: options.useQueueForQueueMessages ?? true,
      useQueueForTopicMessages: options.useQueueForTopicMessages ?? true,
      destinationPerDurableSubscriber: options.destinationPerDurableSubscriber ?? false,
    };
    for (const flag of flags) assertBoolean(name, flag, this.#options[flag]);
    for (const text of texts) {
      if (typeof this.#options[text] !== 'string') throw new ConfigurationError(`${name}: \`${text}\` must be a text`);
    }
    if (this.#options.queuePrefix + this.#options.queueSuffix === '') {
      throw new ConfigurationError(
        `${name}: without \`queuePrefix\` and \`queueSuffix\` a dead letter would come back to its own queue; give one`,
      );
    }
  }

  targetFor({ type, physicalName }: JmsDestination, subscriber?: DurableSubscriber): DeadLetterTarget {
    const { queuePrefix, queueSuffix, topicPrefix, topicSuffix, ...use } = this.#options;
    if (type === 'queue' || type === 'temp-queue') {
      return { type: use.useQueueForQueueMessages ? 'queue' : 'topic', physicalName: queuePrefix + physicalName + queueSuffix };
    }
    const own = subscriber && use.destinationPerDurableSubscriber ? `.${subscriber.clientId}:${subscriber.subscriptionName}` : '';
    return { type: use.useQueueForTopicMessages ? 'queue' : 'topic', physicalName: topicPrefix + physicalName + own + topicSuffix };
  }

  /** By prefix and suffix, with a name between them: those of queues, and those of topics. */
  override isDeadLetterQueue(queue: JmsDestination): boolean {
    const { queuePrefix, queueSuffix, topicPrefix, topicSuffix, useQueueForQueueMessages, useQueueForTopicMessages } = this.#options;
    const isNamed =
      (useQueueForQueueMessages && isBetween(queue.physicalName, queuePrefix, queueSuffix)) ||
      (useQueueForTopicMessages && isBetween(queue.physicalName, topicPrefix, topicSuffix));
    return (queue.type === 'queue' && isNamed) || super.isDeadLetterQueue(queue);
  }
}

/** Without a prefix and a suffix every name would be one. */
function isBetween(name: string, prefix: string, suffix: string): boolean {
  const length = prefix.length + suffix.length;
  return length > 0 && name.length > length && name.startsWith(prefix) && name.endsWith(suffix);
}
