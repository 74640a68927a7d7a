import { messageSize, selectable, type BrokerMessage } from '../broker/broker-message.js';
import type { MemoryUsage } from '../broker/memory-usage.js';
import type { Consumer, ConsumerOptions, DeliverySink } from './delivery.js';
import { MessageList } from './message-list.js';
import { QueueMessage } from './queue-message.js';
import { TopicDelivery } from './topic-delivery.js';
import type { Topic } from './topic.js';

/** A non-durable consumer of one topic or of all that match: what it does not get now, it never gets. */
export class TopicConsumer implements Consumer {
  readonly inFlight = new Set<TopicDelivery>();
  readonly #topics = new Set<Topic>();
  readonly #pending = new MessageList<QueueMessage>();
  held = 0;
  #active = false;
  #stop: () => void = () => undefined;
  #pumping = false;

  constructor(
    readonly options: ConsumerOptions,
    private readonly sink: DeliverySink,
    private readonly usage: MemoryUsage,
  ) {}

  /** What else is to be done when it closes. */
  onClose(stop: () => void): void {
    this.#stop = stop;
  }

  join(topic: Topic): void {
    if (this.#topics.has(topic)) return;
    this.#topics.add(topic);
    topic.attach(this);
  }

  /** @throws SelectorEvaluationError when its selector cannot be evaluated on this message */
  wants(message: BrokerMessage): boolean {
    if (this.options.noLocal && message.connectionId === this.options.connectionId) return false;
    return this.options.selector?.matches(selectable(message, message.redeliveries)) ?? true;
  }

  enqueue(message: BrokerMessage): void {
    this.usage.charge(messageSize(message));
    this.#pending.append(new QueueMessage(message, 0));
    this.resume();
  }

  activate(): void {
    this.#active = true;
    this.resume();
  }

  resume(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let entry = this.#pending.first; entry !== undefined && !this.#full; entry = this.#pending.first) {
        this.#pending.remove(entry);
        const delivery = new TopicDelivery(entry.message, this);
        this.inFlight.add(delivery);
        this.sink.deliver(delivery);
      }
    } finally {
      this.#pumping = false;
    }
  }

  settled(delivery: TopicDelivery): void {
    this.inFlight.delete(delivery);
    this.usage.charge(-messageSize(delivery.message));
    this.resume();
  }

  close(): void {
    this.#active = false;
    this.#stop();
    for (const topic of this.#topics) topic.detach(this);
    for (const delivery of this.inFlight) delivery.forget();
    for (let entry = this.#pending.first; entry !== undefined; entry = this.#pending.first) {
      this.#pending.remove(entry);
      this.usage.charge(-messageSize(entry.message));
    }
  }

  get #full(): boolean {
    return !this.#active || this.sink.blocked || this.inFlight.size - this.held >= this.options.prefetch;
  }
}
