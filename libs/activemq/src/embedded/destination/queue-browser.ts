import type { BrokerMessage } from '../broker/broker-message.js';
import type { Consumer, ConsumerOptions, Delivery, DeliverySink } from './delivery.js';
import { selects } from './message-selector.js';
import type { Queue } from './queue.js';
import type { QueueMessage } from './queue-message.js';

/** Shows what stands in a queue when it is activated, once, and changes nothing. */
export class QueueBrowser implements Consumer {
  #shown: QueueMessage[] = [];
  #next = 0;
  #inFlight = 0;
  #done = true;
  #pumping = false;

  constructor(
    private readonly queues: readonly Queue[],
    private readonly options: ConsumerOptions,
    private readonly sink: DeliverySink,
    /** Most messages shown of one queue, ActiveMQ's `maxBrowsePageSize`. */
    private readonly limit: number,
  ) {}

  activate(): void {
    this.#shown = this.queues.flatMap((queue) => queue.browse((entry) => selects(this.options.selector, entry), this.limit));
    this.#done = false;
    this.resume();
  }

  /** Goes on while the window (with acknowledgements) and the connection allow it; behind the last message it says so. */
  resume(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.#done && !this.sink.blocked && this.#inFlight < this.options.prefetch) this.#showNext();
    } finally {
      this.#pumping = false;
    }
  }

  close(): void {
    this.#done = true;
    this.#shown = [];
  }

  #showNext(): void {
    const entry = this.#shown[this.#next++];
    if (entry === undefined) {
      this.close();
      this.sink.browsed?.();
      return;
    }
    this.#inFlight++;
    this.sink.deliver(
      new BrowsedDelivery(entry.message, entry.redeliveries > 0, () => {
        this.#inFlight--;
        this.resume();
      }),
    );
  }
}

/** What a browser is shown: settling it makes room for more and does nothing else. */
class BrowsedDelivery implements Delivery {
  #settled = false;

  constructor(
    readonly message: BrokerMessage,
    readonly redelivered: boolean,
    private readonly onSettled: () => void,
  ) {}

  acknowledge(): void {
    this.#settle();
  }

  reject(): void {
    this.#settle();
  }

  hold(): void {
    this.#settle();
  }

  release(): void {
    // A browsed message is never in flight again.
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.onSettled();
  }
}
