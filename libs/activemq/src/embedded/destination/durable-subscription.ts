import { selectable, type BrokerMessage } from '../broker/broker-message.js';
import { parseSelector, type Selector } from '../../selector/index.js';
import type { StoredSubscription } from '../store/message-store.js';
import type { ConsumerOptions, DeliverySink } from './delivery.js';
import { QueueConsumer } from './queue-consumer.js';
import type { Queue } from './queue.js';
import type { Topic, TopicSubscriber } from './topic.js';

/** A durable subscription of a topic: it collects messages while its client is away. */
export class DurableSubscription implements TopicSubscriber {
  readonly #selector: Selector | undefined;
  readonly #topics = new Set<Topic>();
  #consumer: QueueConsumer | undefined;

  constructor(
    readonly stored: StoredSubscription,
    /** What it has collected; private to it. */
    readonly messages: Queue,
  ) {
    this.#selector = stored.selector === undefined ? undefined : parseSelector(stored.selector);
    for (const [sequence, message] of stored.messages.entries()) messages.restore(sequence, message);
  }

  /** Whether a client uses it now. */
  get active(): boolean {
    return this.#consumer !== undefined;
  }

  join(topic: Topic): void {
    this.#topics.add(topic);
    topic.attach(this);
  }

  wants(message: BrokerMessage): boolean {
    const options = this.#consumer?.options;
    if (options?.noLocal && message.connectionId === options.connectionId) return false;
    return this.#selector?.matches(selectable(message, message.redeliveries)) ?? true;
  }

  enqueue(message: BrokerMessage): void {
    this.messages.add(message);
  }

  /** Its client is back. */
  open(options: ConsumerOptions, sink: DeliverySink): QueueConsumer {
    const closed = () => {
      this.#consumer = undefined;
    };
    // The selector chose what was collected; what stands here is for this client.
    const consumer = new DurableConsumer({ ...options, selector: undefined }, sink, closed);
    consumer.join(this.messages);
    this.#consumer = consumer;
    return consumer;
  }

  /** Leaves its topics and drops what it has collected. */
  remove(): void {
    for (const topic of this.#topics) topic.detach(this);
    this.messages.purge();
  }
}

class DurableConsumer extends QueueConsumer {
  constructor(
    options: ConsumerOptions,
    sink: DeliverySink,
    private readonly closed: () => void,
  ) {
    super(options, sink, true);
  }

  override close(): void {
    super.close();
    this.closed();
  }
}
