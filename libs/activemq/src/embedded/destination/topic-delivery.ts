import type { BrokerMessage } from '../broker/broker-message.js';
import type { Delivery } from './delivery.js';
import type { TopicConsumer } from './topic-consumer.js';

/** A delivery from a topic to a non-durable consumer: settled in any way, it is gone. */
export class TopicDelivery implements Delivery {
  readonly redelivered: boolean;
  #state: 'in-flight' | 'held' | 'settled' = 'in-flight';

  constructor(
    readonly message: BrokerMessage,
    private readonly consumer: TopicConsumer,
  ) {
    this.redelivered = message.redeliveries > 0;
  }

  acknowledge(): void {
    this.forget();
  }

  reject(): void {
    this.forget();
  }

  hold(): void {
    if (this.#state !== 'in-flight') return;
    this.#state = 'held';
    this.consumer.held++;
    this.consumer.resume();
  }

  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'in-flight';
    this.consumer.held--;
  }

  /** Settles it, whatever it was. */
  forget(): void {
    if (this.#state === 'settled') return;
    if (this.#state === 'held') this.consumer.held--;
    this.#state = 'settled';
    this.consumer.settled(this);
  }
}
