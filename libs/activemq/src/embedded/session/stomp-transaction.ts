import type { BrokerMessage } from '../broker/broker-message.js';
import type { Delivery } from '../destination/delivery.js';

/** What a client did between BEGIN and COMMIT: nobody sees it before. */
export class StompTransaction {
  readonly #steps: ({ readonly send: BrokerMessage } | { readonly acknowledge: Delivery })[] = [];

  /** Remembers a SEND. */
  send(message: BrokerMessage): void {
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
      if ('send' in step) send(step.send);
      else step.acknowledge.acknowledge();
    }
  }

  /** Undoes everything: nothing was sent, and what was acknowledged is in flight again. */
  abort(): void {
    for (const step of this.#steps) if ('acknowledge' in step) step.acknowledge.release();
  }
}
