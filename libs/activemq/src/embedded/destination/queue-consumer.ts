import type { Consumer, ConsumerOptions, DeliverySink } from './delivery.js';
import { selects } from './message-selector.js';
import { QueueDelivery } from './queue-delivery.js';
import type { QueueMessage } from './queue-message.js';
import type { Queue } from './queue.js';

/** A consumer of one queue, or of all queues that match a pattern or a composite: one window over all of them. */
export class QueueConsumer implements Consumer {
  readonly inFlight = new Set<QueueDelivery>();
  readonly #queues = new Set<Queue>();
  /** Deliveries acknowledged in open transactions. */
  held = 0;
  #active = false;
  #stop: () => void = () => undefined;
  #closed = false;
  #resuming = false;
  #again = false;

  constructor(
    readonly options: ConsumerOptions,
    readonly sink: DeliverySink,
    /** Whether it is of one queue by name, not of a pattern or composite. */
    private readonly single: boolean,
  ) {}

  /** True while it can take no more. */
  get full(): boolean {
    return !this.#active || this.sink.blocked || this.inFlight.size - this.held >= this.options.prefetch;
  }

  /** What else is to be done when it closes. */
  onClose(stop: () => void): void {
    this.#stop = stop;
  }

  /** Joins a queue; messages flow once the consumer is active. */
  join(queue: Queue): void {
    if (this.#queues.has(queue)) return;
    this.#queues.add(queue);
    queue.attach(this);
  }

  /**
   * Starts the deliveries. After a receipt ActiveMQ looks only into a queue subscribed by name: what lies in the queues of a
   * pattern or composite waits until something else wakes them, a SEND or an acknowledgement.
   */
  activate(afterReceipt: boolean): void {
    this.#active = true;
    if (this.single || !afterReceipt) this.resume();
  }

  resume(): void {
    this.#again = true;
    if (this.#resuming) return;
    this.#resuming = true;
    try {
      while (this.#again) {
        this.#again = false;
        for (const queue of this.#queues) queue.pump(this);
      }
    } finally {
      this.#resuming = false;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#active = false;
    this.#stop();
    for (const queue of this.#queues) queue.detach(this);
    const back = new Map<Queue, QueueMessage[]>();
    for (const delivery of this.inFlight) {
      delivery.detach();
      const entries = back.get(delivery.queue) ?? [];
      entries.push(delivery.entry);
      back.set(delivery.queue, entries);
    }
    for (const [queue, entries] of back) queue.returned(entries);
    for (const queue of this.#queues) queue.pump();
  }

  matches(entry: QueueMessage): boolean {
    return selects(this.options.selector, entry);
  }

  deliver(queue: Queue, entry: QueueMessage): void {
    const delivery = new QueueDelivery(queue, entry, this);
    this.inFlight.add(delivery);
    this.sink.deliver(delivery);
  }

  /** A slot of the window is free again: every queue may fill it, the one the message came from first. */
  slotFreed(from: Queue): void {
    from.pump();
    if (this.#queues.size > 1) this.resume();
  }
}
