import type { BrokerMessage } from '../broker/broker-message.js';
import type { Delivery } from './delivery.js';
import type { QueueConsumer } from './queue-consumer.js';
import type { Queue } from './queue.js';
import type { QueueMessage } from './queue-message.js';

/** A delivery from a queue. */
export class QueueDelivery implements Delivery {
  readonly message: BrokerMessage;
  readonly redelivered: boolean;
  #state: 'in-flight' | 'held' | 'settled' = 'in-flight';
  #consumerGone = false;

  constructor(
    readonly queue: Queue,
    readonly entry: QueueMessage,
    readonly consumer: QueueConsumer,
  ) {
    this.message = entry.message;
    this.redelivered = entry.redeliveries > 0 && queue.flagsRedelivered;
  }

  acknowledge(): void {
    if (!this.#settle()) return;
    this.queue.consumed(this.entry);
    this.consumer.slotFreed(this.queue);
  }

  reject(): void {
    if (!this.#settle()) return;
    this.queue.rejected(this.entry);
    this.consumer.slotFreed(this.queue);
  }

  hold(hidden: boolean): void {
    if (this.#state !== 'in-flight') return;
    this.#state = 'held';
    this.entry.hidden = hidden;
    this.consumer.held++;
    this.consumer.slotFreed(this.queue);
  }

  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'in-flight';
    this.entry.hidden = false;
    this.consumer.held--;
    if (!this.#consumerGone) return;
    this.#settle();
    this.queue.returned([this.entry]);
  }

  /** Its consumer is gone; true when the message goes back now and not when a transaction ends. */
  detach(): boolean {
    this.#consumerGone = true;
    if (this.#state !== 'in-flight') return false;
    this.#settle();
    return true;
  }

  #settle(): boolean {
    if (this.#state === 'settled') return false;
    if (this.#state === 'held') this.consumer.held--;
    this.#state = 'settled';
    this.entry.hidden = false;
    this.consumer.inFlight.delete(this);
    return true;
  }
}
