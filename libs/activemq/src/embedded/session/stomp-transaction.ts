import { messageSize, type BrokerMessage } from '../broker/broker-message.js';
import type { MemoryUsage } from '../broker/memory-usage.js';
import type { Delivery } from '../destination/delivery.js';

/** What a client did between BEGIN and COMMIT: nobody sees it before. */
export class StompTransaction {
  readonly #steps: ({ readonly send: BrokerMessage } | { readonly acknowledge: Delivery })[] = [];

  constructor(private readonly usage: MemoryUsage) {}

  /** Remembers a SEND; it takes memory from now on. */
  send(message: BrokerMessage): void {
    this.usage.charge(messageSize(message));
    this.#steps.push({ send: message });
  }

  /** Remembers an ACK; the delivery frees its slot at once. */
  acknowledge(delivery: Delivery, hidden: boolean): void {
    delivery.hold(hidden);
    this.#steps.push({ acknowledge: delivery });
  }

  /** Does everything, in order. */
  commit(send: (message: BrokerMessage) => void): void {
    for (const step of this.#steps) {
      if ('acknowledge' in step) step.acknowledge.acknowledge();
      else {
        this.usage.charge(-messageSize(step.send));
        send(step.send);
      }
    }
  }

  /** Undoes everything: nothing was sent, and what was acknowledged is in flight again. */
  abort(): void {
    for (const step of this.#steps) {
      if ('acknowledge' in step) step.acknowledge.release();
      else this.usage.charge(-messageSize(step.send));
    }
  }
}
