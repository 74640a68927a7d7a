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
    // It went back when its consumer left, and may be delivered from now on.
    this.#settle();
    this.queue.pump();
  }

  /** Its consumer is gone: the message goes back, out of reach while a transaction still holds it. */
  detach(): void {
    this.#consumerGone = true;
    if (this.#state === 'in-flight' || !this.entry.hidden) this.#settle();
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
