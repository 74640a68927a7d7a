import { formatDestination, type JmsDestination } from '../../message/destination.js';
import { assertBoolean, assertInteger, assertKnownOptions } from '../../validation/index.js';

/** What every {@link DeadLetterStrategy} can be told, with ActiveMQ's names and defaults. */
export interface DeadLetterStrategyOptions {
  /** Whether expired messages become dead letters; default `true`. `false` drops them. */
  readonly processExpired?: boolean;
  /** Whether messages that were sent non-persistent become dead letters; default `false`, which drops them. Their dead letters are persistent. */
  readonly processNonPersistent?: boolean;
  /**
   * ms until a dead letter itself expires; default 0, never. ActiveMQ moves one that expires in another queue than `ActiveMQ.DLQ` to `ActiveMQ.DLQ`,
   * unless the broker's policy for that queue says `processExpired="false"`.
   */
  readonly expiration?: number;
}

/** The subscription that gave up on a message of a topic. */
export interface DurableSubscriber {
  /** The `clientId` of its connection. */
  readonly clientId: string;
  /** The listener's `subscription`. */
  readonly subscriptionName: string;
}

/** Where a dead letter goes: to a destination, to wherever the broker's own policy says, or nowhere. */
export type DeadLetterTarget = JmsDestination | 'broker' | 'discard';

/** Where ActiveMQ puts dead letters that no policy speaks of. */
const DEFAULT_DEAD_LETTER_QUEUE: JmsDestination = { type: 'queue', physicalName: 'ActiveMQ.DLQ' };

const OPTION_NAMES: readonly (keyof DeadLetterStrategyOptions)[] = ['processExpired', 'processNonPersistent', 'expiration'];

/**
 * Says what becomes of a message that is not going to be handled. A strategy of your own extends it.
 *
 * @see https://activemq.apache.org/components/classic/documentation/message-redelivery-and-dlq-handling
 */
export abstract class DeadLetterStrategy {
  /** Whether expired messages become dead letters. */
  readonly processExpired: boolean;
  /** Whether non-persistent messages become dead letters. */
  readonly processNonPersistent: boolean;
  /** ms until a dead letter itself expires; 0 is never. */
  readonly expiration: number;

  /**
   * @param name of the strategy, for errors
   * @param own names of the options that the strategy adds
   * @throws ConfigurationError for an unknown option or an impossible value
   */
  protected constructor(name: string, options: DeadLetterStrategyOptions, own: readonly string[] = []) {
    assertKnownOptions(name, options, [...OPTION_NAMES, ...own]);
    const { processExpired = true, processNonPersistent = false, expiration = 0 } = options;
    assertBoolean(name, 'processExpired', processExpired);
    assertBoolean(name, 'processNonPersistent', processNonPersistent);
    assertInteger(name, 'expiration', expiration, { min: 0, max: 1_000_000_000_000_000 });
    this.processExpired = processExpired;
    this.processNonPersistent = processNonPersistent;
    this.expiration = expiration;
  }

  /**
   * Where the dead letter of a message goes.
   *
   * @param destination the queue or topic that delivered it
   * @param subscriber the durable subscription that gave up, on a topic
   */
  abstract targetFor(destination: JmsDestination, subscriber?: DurableSubscriber): DeadLetterTarget;

  /**
   * Queues in which the broker itself may put dead letters of a destination: there a message is looked for that the broker was rejecting when it
   * died. Default: where this strategy puts them, and `ActiveMQ.DLQ`.
   *
   * @param destination the queue or topic that delivered it
   * @param subscriber the durable subscription that gave up, on a topic
   */
  brokerQueuesFor(destination: JmsDestination, subscriber?: DurableSubscriber): readonly JmsDestination[] {
    const target = this.targetFor(destination, subscriber);
    const isOther = typeof target === 'object' && target.type === 'queue' && target.physicalName !== DEFAULT_DEAD_LETTER_QUEUE.physicalName;
    return isOther ? [target, DEFAULT_DEAD_LETTER_QUEUE] : [DEFAULT_DEAD_LETTER_QUEUE];
  }

  /**
   * Whether a queue is one of those in which this strategy, or the broker's policy that it stands for, puts the dead letters of others. What fails
   * there is kept: a NACK would destroy it, and a strategy would move it on. Queues whose names begin with `ActiveMQ.DLQ.` or `DLQ.`, and the one in
   * which a queue's own dead letters would be, are taken for such anyway; a strategy of your own with other names says here which they are.
   *
   * Default: whether it is where its own dead letters would go.
   *
   * @param queue that is listened on
   */
  isDeadLetterQueue(queue: JmsDestination): boolean {
    return isOwnTarget(queue, this);
  }
}

/** Whether the dead letters of a destination are to go to itself, by the strategy or by the broker's policy. */
export function isOwnTarget(destination: JmsDestination, strategy: DeadLetterStrategy, subscriber?: DurableSubscriber): boolean {
  const target = strategy.targetFor(destination, subscriber);
  const targets = typeof target === 'string' ? [] : [target];
  const name = formatDestination(destination);
  return [...targets, ...strategy.brokerQueuesFor(destination, subscriber)].some((queue) => formatDestination(queue) === name);
}
