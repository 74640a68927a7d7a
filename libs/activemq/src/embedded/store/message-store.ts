import type { BrokerMessage } from '../broker/broker-message.js';
import type { DestinationName } from '../destination/destination-name.js';

/** The persistent messages of one queue or durable subscription, in order. */
export class StoredQueue {
  readonly #messages = new Map<number, BrokerMessage>();

  add(sequence: number, message: BrokerMessage): void {
    this.#messages.set(sequence, message);
  }

  remove(sequence: number): void {
    this.#messages.delete(sequence);
  }

  entries(): IterableIterator<[number, BrokerMessage]> {
    return this.#messages.entries();
  }
}

/** A durable topic subscription as it is remembered while nobody uses it. */
export interface StoredSubscription {
  readonly clientId: string;
  readonly subscriptionName: string;
  readonly topic: DestinationName;
  readonly selector: string | undefined;
  readonly messages: StoredQueue;
}

/** A scheduled message as it is remembered until it fires for the last time. */
export interface StoredJob {
  readonly id: string;
  readonly message: BrokerMessage;
  readonly cron: string;
  /** Ms. */
  readonly delay: number;
  /** Ms. */
  readonly period: number;
  /** Firings after the next one; negative for ever. */
  readonly repeat: number;
  /** Ms since the epoch. */
  readonly nextTime: number;
}

/**
 * What outlives the death of a broker: persistent messages, durable subscriptions and scheduled messages. The two nodes of an
 * `EmbeddedCluster` share one, as two ActiveMQ nodes share a KahaDB directory. It lives in memory and dies with the process.
 */
export class MessageStore {
  readonly queues = new Map<string, StoredQueue>();
  readonly subscriptions = new Map<string, StoredSubscription>();
  readonly jobs = new Map<string, StoredJob>();
  #sequence = 0;

  /** The messages of a queue, by its physical name. */
  queue(name: string): StoredQueue {
    let queue = this.queues.get(name);
    if (queue === undefined) this.queues.set(name, (queue = new StoredQueue()));
    return queue;
  }

  /** The next place in any queue. */
  nextSequence(): number {
    return ++this.#sequence;
  }
}
