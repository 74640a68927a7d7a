import { messageSize, type BrokerMessage } from '../broker/broker-message.js';
import type { MemoryUsage } from '../broker/memory-usage.js';
import type { Delivery } from '../destination/delivery.js';
import type { Queue } from '../destination/queue.js';

/** A SEND to come, and the queues with a limit that it counts in. */
interface PendingSend {
  readonly send: BrokerMessage;
  readonly queues: readonly Queue[];
}

/** What a client did between BEGIN and COMMIT: nobody sees it before. */
export class StompTransaction {
  readonly #steps: (PendingSend | { readonly acknowledge: Delivery })[] = [];

  constructor(private readonly usage: MemoryUsage) {}

  /** Remembers a SEND; it takes memory from now on, of the queues it is to go into too. */
  send(message: BrokerMessage, queues: readonly Queue[]): void {
    const step = { send: message, queues };
    this.#charge(step, messageSize(message));
    this.#steps.push(step);
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
        this.#charge(step, -messageSize(step.send));
        send(step.send);
      }
    }
  }

  /** Undoes everything: nothing was sent, and what was acknowledged is in flight again. */
  abort(): void {
    for (const step of this.#steps) {
      if ('acknowledge' in step) step.acknowledge.release();
      else this.#charge(step, -messageSize(step.send));
    }
  }

  #charge({ queues }: PendingSend, bytes: number): void {
    this.usage.charge(bytes);
    for (const queue of queues) queue.reserve(bytes);
  }
}
