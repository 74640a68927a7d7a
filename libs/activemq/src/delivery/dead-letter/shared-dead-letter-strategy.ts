import { formatDestination, type JmsDestination, parseOneDestination } from '../../message/destination.js';
import { ConfigurationError } from '../../errors/index.js';
import { DeadLetterStrategy, type DeadLetterStrategyOptions, type DeadLetterTarget } from './dead-letter-strategy.js';

/** Options of a {@link SharedDeadLetterStrategy}. */
export interface SharedDeadLetterStrategyOptions extends DeadLetterStrategyOptions {
  /** The one queue of all dead letters; default `ActiveMQ.DLQ`. */
  readonly deadLetterQueue?: string;
}

/**
 * All dead letters go to one queue; the default. The dead letter is sent and the original acknowledged in one transaction, and it says why it is one.
 *
 * @example deadLetter: new SharedDeadLetterStrategy({ deadLetterQueue: 'orders.DLQ', processNonPersistent: true })
 */
export class SharedDeadLetterStrategy extends DeadLetterStrategy {
  readonly #queue: JmsDestination;

  /** @throws ConfigurationError for an unknown option or an impossible value */
  constructor(options: SharedDeadLetterStrategyOptions = {}) {
    super('SharedDeadLetterStrategy', options, ['deadLetterQueue']);
    const refuse = (written: string) =>
      new ConfigurationError(
        `SharedDeadLetterStrategy: \`deadLetterQueue\` is one queue, as in "ActiveMQ.DLQ", not ${written}: what nobody listens to would be lost`,
      );
    this.#queue = parseOneDestination(options.deadLetterQueue ?? 'ActiveMQ.DLQ', refuse);
    if (this.#queue.type !== 'queue') throw refuse(formatDestination(this.#queue));
  }

  targetFor(): DeadLetterTarget {
    return this.#queue;
  }
}
