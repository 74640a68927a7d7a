import type { BrokerMessage } from '../broker/broker-message.js';
import type { Consumer, ConsumerOptions, Delivery, DeliverySink } from './delivery.js';
import { selects } from './message-selector.js';
import type { Queue } from './queue.js';

/** Shows what stands in a queue, once, and changes nothing. */
export class QueueBrowser implements Consumer {
  #closed = false;

  constructor(
    private readonly queues: readonly Queue[],
    private readonly options: ConsumerOptions,
    private readonly sink: DeliverySink,
    /** Most messages shown, ActiveMQ's `maxBrowsePageSize`. */
    private readonly limit: number,
  ) {}

  activate(): void {
    for (const queue of this.queues) {
      for (const entry of queue.browse((candidate) => selects(this.options.selector, candidate), this.limit)) {
        if (this.#closed) return;
        this.sink.deliver(new BrowsedDelivery(entry.message, entry.redeliveries > 0));
      }
    }
    this.sink.browsed?.();
  }

  resume(): void {
    // Everything was shown at once: the cap bounds it.
  }

  close(): void {
    this.#closed = true;
  }
}

/** What a browser is shown; settling it does nothing. */
class BrowsedDelivery implements Delivery {
  constructor(
    readonly message: BrokerMessage,
    readonly redelivered: boolean,
  ) {}

  acknowledge(): void {
    // A browser takes nothing.
  }

  reject(): void {
    // A browser takes nothing.
  }

  hold(): void {
    // A browser takes nothing.
  }

  release(): void {
    // A browser takes nothing.
  }
}
