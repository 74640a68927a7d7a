import { copyMessage, messageSize, type BrokerMessage } from '../broker/broker-message.js';
import type { BrokerClock } from '../broker/clock.js';
import type { MemoryUsage } from '../broker/memory-usage.js';
import type { StoredQueue } from '../store/message-store.js';
import type { DestinationName } from './destination-name.js';
import { MessageGroups } from './message-groups.js';
import { MessageList } from './message-list.js';
import type { QueueConsumer } from './queue-consumer.js';
import { QueueConsumers } from './queue-consumers.js';
import { QueueMessage } from './queue-message.js';
import { emptyStatistics } from './queue-statistics.js';

/** What a queue needs of its broker. */
export interface QueueContext {
  readonly clock: BrokerClock;
  readonly usage: MemoryUsage;
  /** Where its persistent messages stand; `undefined` for a temporary queue. */
  readonly store: StoredQueue | undefined;
  /** Next place in any queue. */
  readonly nextSequence: () => number;
  /** Messages looked at per wake-up, ActiveMQ's `maxPageSize`. */
  readonly maxPageSize: number;
  /** Bytes from which on producers wait. */
  readonly memoryLimit: number;
  /** Told when the queue may have got room. */
  readonly onRoom: (queue: Queue) => void;
  readonly prioritized: boolean;
  /** Whether the store remembers that a message was delivered. */
  readonly persistsRedelivered: boolean;
  /** A durable subscription flags and counts no redelivery. */
  readonly flagsRedelivered: boolean;
  /** Takes what was rejected or has expired; `expired` tells which. */
  readonly deadLetter: (message: BrokerMessage, expired: boolean) => void;
}

/** A queue: messages in order, and the consumers that share them. */
export class Queue {
  readonly statistics = emptyStatistics();
  readonly #messages = new Map<number, QueueMessage>();
  readonly #redelivered: MessageList<QueueMessage>;
  readonly #paged: MessageList<QueueMessage>;
  readonly #waiting: MessageList<QueueMessage>;
  readonly #consumers = new QueueConsumers(new MessageGroups<QueueConsumer>());
  #expiring = 0;
  #bytes = 0;
  #reserved = 0;
  #pumping = false;
  #again = false;

  constructor(
    readonly name: DestinationName,
    private readonly context: QueueContext,
  ) {
    this.#redelivered = new MessageList(context.prioritized);
    this.#paged = new MessageList(context.prioritized);
    this.#waiting = new MessageList(context.prioritized);
  }

  get flagsRedelivered(): boolean {
    return this.context.flagsRedelivered;
  }

  /** Messages in the queue, those in flight included. */
  get depth(): number {
    return this.#messages.size;
  }

  /** Messages delivered and neither acknowledged nor returned. */
  get inFlight(): number {
    return this.#messages.size - this.#redelivered.size - this.#paged.size - this.#waiting.size;
  }

  /** What its messages are charged with, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether producers have to wait: what it holds and what open transactions will add has reached its limit. */
  get full(): boolean {
    return this.#bytes + this.#reserved >= this.context.memoryLimit;
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** Takes a message; an expired one goes to the dead letter queue at once. */
  add(message: BrokerMessage): void {
    if (this.#isExpired(message)) {
      this.statistics.expired++;
      return this.context.deadLetter(message, true);
    }
    const sequence = this.context.nextSequence();
    if (message.persistent) this.context.store?.add(sequence, message);
    this.statistics.enqueued++;
    this.restore(sequence, message);
    this.pump();
  }

  /** Puts back a message that the store kept. */
  restore(sequence: number, message: BrokerMessage): void {
    const entry = new QueueMessage(message, sequence);
    this.#messages.set(sequence, entry);
    this.#waiting.append(entry);
    if (message.expiration > 0) this.#expiring++;
    this.#charge(messageSize(message));
  }

  /** Counts what an open transaction will add as if it were there, or no longer when negative; in bytes. */
  reserve(bytes: number): void {
    this.#reserved += bytes;
    if (bytes < 0 && !this.full) this.context.onRoom(this);
  }

  attach(consumer: QueueConsumer): void {
    this.#consumers.add(consumer);
  }

  detach(consumer: QueueConsumer): void {
    this.#consumers.remove(consumer);
  }

  /**
   * Hands out what can be handed out: the queue's answer to every wake-up.
   *
   * @param only who can take more than before, when it is one consumer alone: the others were asked already, and a flood of subscriptions
   *   with selectors must not ask all of them again for each
   */
  pump(only?: QueueConsumer): void {
    this.#again = true;
    if (this.#pumping || this.#consumers.size === 0 || this.#messages.size === 0) return;
    this.#pumping = true;
    let asked = only;
    try {
      while (this.#again) {
        this.#again = false;
        if (this.#pageIn()) asked = undefined;
        if (this.#dispatch(this.#redelivered, asked)) this.#dispatch(this.#paged, asked);
        asked = undefined;
      }
    } finally {
      this.#pumping = false;
    }
  }

  consumed(entry: QueueMessage): void {
    this.statistics.dequeued++;
    this.#remove(entry);
  }

  rejected(entry: QueueMessage): void {
    this.statistics.dequeued++;
    this.#remove(entry);
    this.context.deadLetter(copyMessage(entry.message, { redeliveries: entry.redeliveries }), false);
  }

  /**
   * Deliveries that came back unacknowledged, in order: they go before all that was never delivered, and behind those that came back
   * earlier (as in ActiveMQ 5.17; later versions put them in front when no consumer is left).
   */
  returned(entries: readonly QueueMessage[]): void {
    for (const entry of entries) {
      if (entry.removed) continue;
      if (this.context.flagsRedelivered) entry.redeliveries++;
      this.#redelivered.append(entry);
    }
    this.pump();
  }

  /** The messages that stand here: those in flight too, those acknowledged in an open transaction not. */
  *shown(): Generator<QueueMessage, void, void> {
    for (const entry of this.#messages.values()) if (this.#isShown(entry)) yield entry;
  }

  /**
   * The messages a browser sees. It has the queue look at page after page, which consumers with selectors see from then on too, and ends, as
   * ActiveMQ does, at the first page in which it wants nothing.
   */
  browse(wants: (entry: QueueMessage) => boolean, limit: number): QueueMessage[] {
    const seen: QueueMessage[] = [];
    let page = [...this.#messages.values()].filter((entry) => entry.list !== this.#waiting);
    for (let before = -1; seen.length > before && seen.length < limit; page = []) {
      before = seen.length;
      page.push(...this.#nextPage());
      seen.push(...page.filter((entry) => this.#isShown(entry) && wants(entry)));
    }
    this.pump();
    return seen.slice(0, limit).filter(({ removed }) => !removed);
  }

  /** Moves out what has expired and is not in flight. */
  expireOverdue(): void {
    if (this.#expiring === 0) return;
    for (const entry of this.#messages.values()) if (entry.list !== undefined) this.#expire(entry);
  }

  /** Drops every message that is not in flight. */
  purge(): void {
    for (const entry of this.#messages.values()) if (entry.list !== undefined) this.#remove(entry);
  }

  /** Gives up everything, when the queue itself is deleted or its broker dies; the store keeps what it has. */
  discard(): void {
    this.#messages.clear();
    this.#charge(-this.#bytes);
  }

  /** Tells whether there is something that nobody was offered yet. */
  #pageIn(): boolean {
    if (this.#redelivered.size + this.#paged.size >= this.context.maxPageSize) return false;
    return this.#nextPage().length > 0;
  }

  #nextPage(): readonly QueueMessage[] {
    const page: QueueMessage[] = [];
    while (page.length < this.context.maxPageSize) {
      const entry = this.#waiting.first;
      if (entry === undefined) break;
      if (this.#expire(entry)) continue;
      this.#waiting.remove(entry);
      this.#paged.append(entry);
      page.push(entry);
    }
    return page;
  }

  #isShown(entry: QueueMessage): boolean {
    return !entry.hidden && !this.#isExpired(entry.message);
  }

  /** Offers a list to the consumers, or to one; false when all of them are full. */
  #dispatch(list: MessageList<QueueMessage>, only: QueueConsumer | undefined): boolean {
    for (let entry = list.first; entry !== undefined;) {
      const next = list.after(entry);
      if (!entry.hidden && !this.#expire(entry)) {
        const consumer = this.#consumers.choose(entry, only);
        if (consumer === 'full') return false;
        if (consumer !== undefined) this.#hand(entry, consumer, list);
      }
      entry = next;
    }
    return true;
  }

  #hand(entry: QueueMessage, consumer: QueueConsumer, list: MessageList<QueueMessage>): void {
    list.remove(entry);
    this.#consumers.turn(consumer);
    this.statistics.dispatched++;
    if (this.context.persistsRedelivered && entry.message.persistent && entry.redeliveries === 0) {
      this.context.store?.add(entry.sequence, copyMessage(entry.message, { redeliveries: 1 }));
    }
    consumer.deliver(this, entry);
  }

  #isExpired(message: BrokerMessage): boolean {
    return message.expiration > 0 && message.expiration <= this.context.clock.now();
  }

  #expire(entry: QueueMessage): boolean {
    if (!this.#isExpired(entry.message)) return false;
    this.statistics.expired++;
    this.#remove(entry);
    this.context.deadLetter(entry.message, true);
    return true;
  }

  #remove(entry: QueueMessage): void {
    if (!this.#messages.delete(entry.sequence)) return;
    entry.removed = true;
    for (const list of [this.#redelivered, this.#paged, this.#waiting]) list.remove(entry);
    if (entry.message.expiration > 0) this.#expiring--;
    if (entry.message.persistent) this.context.store?.remove(entry.sequence);
    this.#charge(-messageSize(entry.message));
  }

  #charge(bytes: number): void {
    this.#bytes += bytes;
    this.context.usage.charge(bytes);
    if (bytes < 0 && !this.full) this.context.onRoom(this);
  }
}
