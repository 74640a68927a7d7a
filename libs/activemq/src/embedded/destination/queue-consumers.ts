import type { MessageGroups } from './message-groups.js';
import type { QueueConsumer } from './queue-consumer.js';
import type { QueueMessage } from './queue-message.js';

/** The consumers of one queue in the order they are asked: by priority, turning round within one. */
export class QueueConsumers {
  readonly #consumers: QueueConsumer[] = [];
  #exclusive: QueueConsumer | undefined;

  constructor(private readonly groups: MessageGroups<QueueConsumer>) {}

  get size(): number {
    return this.#consumers.length;
  }

  add(consumer: QueueConsumer): void {
    this.#insert(consumer);
    if (!consumer.options.exclusive) return;
    if (this.#exclusive === undefined || consumer.options.priority > this.#exclusive.options.priority) this.#exclusive = consumer;
  }

  remove(consumer: QueueConsumer): void {
    const at = this.#consumers.indexOf(consumer);
    if (at !== -1) this.#consumers.splice(at, 1);
    this.groups.release(consumer);
    if (this.#exclusive === consumer) this.#exclusive = this.#consumers.find((other) => other.options.exclusive);
  }

  /** The consumer for a message, `undefined` when nobody wants it; `'full'` when nobody could take any message. */
  choose(entry: QueueMessage, only?: QueueConsumer): QueueConsumer | 'full' | undefined {
    if (only) return only.full ? 'full' : this.#mayHave(only, entry) ? only : undefined;
    let free = false;
    for (const consumer of this.#consumers) {
      if (consumer.full) continue;
      free = true;
      if (this.#mayHave(consumer, entry)) return consumer;
    }
    return free ? undefined : 'full';
  }

  /** After a delivery the next consumer of the same priority has its turn. */
  turn(served: QueueConsumer): void {
    if (this.#consumers.length < 2 || served === this.#exclusive) return;
    const at = this.#consumers.indexOf(served);
    if (at === -1) return;
    this.#consumers.splice(at, 1);
    this.#insert(served);
  }

  #mayHave(consumer: QueueConsumer, entry: QueueMessage): boolean {
    if (!consumer.matches(entry)) return false;
    if (this.#exclusive !== undefined && this.#exclusive !== consumer) return false;
    return this.groups.assign(consumer, entry.message);
  }

  #insert(consumer: QueueConsumer): void {
    const behind = this.#consumers.findIndex((other) => other.options.priority < consumer.options.priority);
    this.#consumers.splice(behind === -1 ? this.#consumers.length : behind, 0, consumer);
  }
}
