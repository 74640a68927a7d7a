import { ConfigurationError } from '../../errors/index.js';
import type { JmsDestination } from '../../message/destination.js';
import {
  DeadLetterStrategy,
  type DeadLetterStrategyOptions,
  type DeadLetterTarget,
  type DurableSubscriber,
} from './dead-letter-strategy.js';

/** Options of a {@link BrokerDeadLetterStrategy}. */
export interface BrokerDeadLetterStrategyOptions extends Pick<DeadLetterStrategyOptions, 'processExpired'> {
  /**
   * What the broker's policy says, as the strategy that matches it; default ActiveMQ's own, one `ActiveMQ.DLQ` for all. It is there that a message
   * is looked for that the broker was rejecting when it died, and there that nothing is rejected, which would destroy it: without it only names that
   * begin with `ActiveMQ.DLQ.` or `DLQ.` are known for dead letter queues.
   */
  readonly policy?: DeadLetterStrategy;
}

/**
 * The message is rejected (NACK) and the broker's own policy decides; nobody is told what it decided.
 *
 * STOMP carries no reason with a rejection, ActiveMQ drops a non-persistent message by default, and its audit drops the second copy of a message
 * that a virtual topic or a composite destination made two of. Of a topic only durable subscriptions have dead letters.
 *
 * @example deadLetter: new BrokerDeadLetterStrategy({ policy: new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' }) })
 */
export class BrokerDeadLetterStrategy extends DeadLetterStrategy {
  readonly #policy: DeadLetterStrategy | undefined;

  /**
   * `processExpired: false` drops what has expired before the broker is asked; the other options are the broker's.
   *
   * @throws ConfigurationError for an unknown option or an impossible value
   */
  constructor(options: BrokerDeadLetterStrategyOptions = {}) {
    super('BrokerDeadLetterStrategy', options, ['policy']);
    const given: DeadLetterStrategyOptions = options;
    const broker = (['processNonPersistent', 'expiration'] as const).find((name) => given[name] !== undefined);
    if (broker !== undefined) {
      throw new ConfigurationError(
        `BrokerDeadLetterStrategy: \`${broker}\` has no effect, the broker's own policy decides; set it on the deadLetterStrategy in its configuration`,
      );
    }
    if (options.policy !== undefined && !(options.policy instanceof DeadLetterStrategy)) {
      throw new ConfigurationError(
        'BrokerDeadLetterStrategy: `policy` must be a DeadLetterStrategy, as in `new IndividualDeadLetterStrategy()`',
      );
    }
    this.#policy = options.policy;
  }

  /** The broker drops what a subscription of a topic rejects that is not durable: nobody must take that for a dead letter. */
  targetFor({ type }: JmsDestination, subscriber?: DurableSubscriber): DeadLetterTarget {
    const isTopic = type === 'topic' || type === 'temp-topic';
    return isTopic && subscriber === undefined ? 'discard' : 'broker';
  }

  override brokerQueuesFor(destination: JmsDestination, subscriber?: DurableSubscriber): readonly JmsDestination[] {
    return this.#policy?.brokerQueuesFor(destination, subscriber) ?? super.brokerQueuesFor(destination, subscriber);
  }

  /** By `policy`: without it nobody knows how the broker's dead letter queues are named. */
  override isDeadLetterQueue(queue: JmsDestination): boolean {
    return this.#policy?.isDeadLetterQueue(queue) ?? super.isDeadLetterQueue(queue);
  }
}
