import type { JmsDestination } from '../../message/destination.js';
import { assertBoolean } from '../../validation/index.js';
import { ConfigurationError } from '../../errors/index.js';
import { whyNoPrefix, whyNoSuffix } from './dead-letter-name.js';
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

/** What each of these options looks like. */
const EXAMPLES = { queuePrefix: 'DLQ.', queueSuffix: '.DLQ', topicPrefix: 'DLT.', topicSuffix: '.DLT' } as const;

type AffixOption = keyof typeof EXAMPLES;

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
    const texts = Object.keys(EXAMPLES) as AffixOption[];
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
    for (const text of texts) assertAffix(`${name}: \`${text}\``, this.#options[text], text);
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

function assertAffix(what: string, given: unknown, option: AffixOption): void {
  if (typeof given !== 'string') throw new ConfigurationError(`${what} must be a text, as in "${EXAMPLES[option]}"`);
  const why = option.endsWith('Prefix') ? whyNoPrefix(given) : whyNoSuffix(given);
  if (why === undefined) return;
  const cure = option.startsWith('queue') ? '`useQueueForQueueMessages`' : '`useQueueForTopicMessages`';
  throw new ConfigurationError(
    `${what} is ${JSON.stringify(given.slice(0, 100))}, which has ${why}. ${cure} says whether dead letters go to queues or topics; write a part of a name, as in "${EXAMPLES[option]}"`,
  );
}

/** Without a prefix and a suffix every name would be one. */
function isBetween(name: string, prefix: string, suffix: string): boolean {
  const length = prefix.length + suffix.length;
  return length > 0 && name.length > length && name.startsWith(prefix) && name.endsWith(suffix);
}
