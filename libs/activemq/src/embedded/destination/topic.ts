import type { BrokerMessage } from '../broker/broker-message.js';
import { Refusal } from '../broker/refusal.js';
import { SelectorEvaluationError } from '../../selector/index.js';
import type { DestinationName } from './destination-name.js';
import { emptyStatistics } from './queue-statistics.js';

/** Who may get a copy of a message of a topic. */
export interface TopicSubscriber {
  wants(message: BrokerMessage): boolean;
  enqueue(message: BrokerMessage): void;
}

/** A topic: every subscriber that wants a message gets it. */
export class Topic {
  readonly statistics = emptyStatistics();
  readonly #subscribers = new Set<TopicSubscriber>();

  constructor(readonly name: DestinationName) {}

  get consumerCount(): number {
    return this.#subscribers.size;
  }

  attach(subscriber: TopicSubscriber): void {
    this.#subscribers.add(subscriber);
  }

  detach(subscriber: TopicSubscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** @throws Refusal when the selector of a subscriber cannot be evaluated on the message: as in ActiveMQ, nobody gets it then */
  add(message: BrokerMessage): void {
    this.statistics.enqueued++;
    const wanting = [...this.#subscribers].filter((subscriber) => wants(subscriber, message));
    for (const subscriber of wanting) {
      this.statistics.dispatched++;
      subscriber.enqueue(message);
    }
  }
}

function wants(subscriber: TopicSubscriber, message: BrokerMessage): boolean {
  try {
    return subscriber.wants(message);
  } catch (error) {
    if (error instanceof SelectorEvaluationError) throw new Refusal(error.message, { javaClass: 'javax.jms.JMSException' });
    throw error;
  }
}
