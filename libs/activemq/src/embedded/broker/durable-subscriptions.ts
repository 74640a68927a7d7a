import type { ConsumerOptions, DeliverySink } from '../destination/delivery.js';
import { DurableSubscription } from '../destination/durable-subscription.js';
import type { DestinationName } from '../destination/destination-name.js';
import type { QueueConsumer } from '../destination/queue-consumer.js';
import type { Queue } from '../destination/queue.js';
import { StoredQueue, type StoredSubscription } from '../store/message-store.js';
import type { BrokerSettings } from './broker-options.js';
import type { Destinations } from './destinations.js';
import { Refusal } from './refusal.js';

/** How a client names its durable subscription. */
export interface DurableKey {
  readonly clientId: string;
  readonly subscriptionName: string;
}

interface Entry {
  readonly subscription: DurableSubscription;
  readonly stopJoining: () => void;
}

/** The durable topic subscriptions of one broker, used and unused. */
export class DurableSubscriptions {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly settings: BrokerSettings,
    private readonly destinations: Destinations,
    private readonly makeQueue: (topic: DestinationName, messages: StoredQueue, subscriber: string) => Queue,
  ) {
    for (const [key, stored] of settings.store.subscriptions) this.#add(key, stored);
  }

  /**
   * A client comes, for the first time or again. Another topic or selector under the same name starts it anew.
   *
   * @throws Refusal when the subscription is in use, or there are too many
   */
  open(key: DurableKey, topic: DestinationName, selector: string | undefined, options: ConsumerOptions, sink: DeliverySink): QueueConsumer {
    const id = idOf(key);
    const found = this.#entries.get(id);
    if (found?.subscription.active) throw inUse(key);
    const { stored } = found?.subscription ?? {};
    if (found !== undefined && (stored?.topic.qualifiedName !== topic.qualifiedName || stored.selector !== selector)) this.#drop(id, found);
    if (!this.#entries.has(id)) this.#assertRoom();
    const entry = this.#entries.get(id) ?? this.#add(id, { ...key, topic, selector, messages: new StoredQueue() });
    return entry.subscription.open(options, sink);
  }

  /** @throws Refusal when there is no such subscription or it is in use */
  remove(key: DurableKey): void {
    const id = idOf(key);
    const found = this.#entries.get(id);
    if (found === undefined) {
      throw new Refusal(`No durable subscription exists for clientID: ${key.clientId} and subscriptionName: ${key.subscriptionName}`, {
        javaClass: 'javax.jms.InvalidDestinationException',
      });
    }
    if (found.subscription.active) throw new Refusal('Durable consumer is in use', { javaClass: 'javax.jms.JMSException' });
    this.#drop(id, found);
  }

  /** Moves out what has expired. */
  expireOverdue(): void {
    for (const { subscription } of this.#entries.values()) subscription.messages.expireOverdue();
  }

  #add(id: string, stored: StoredSubscription): Entry {
    this.settings.store.subscriptions.set(id, stored);
    const subscriber = `${stored.clientId}:${stored.subscriptionName}`;
    const subscription = new DurableSubscription(stored, this.makeQueue(stored.topic, stored.messages, subscriber));
    const entry = { subscription, stopJoining: this.destinations.joinTopics(stored.topic, (topic) => subscription.join(topic)) };
    this.#entries.set(id, entry);
    return entry;
  }

  #assertRoom(): void {
    const { maxDestinations } = this.settings.limits;
    if (this.#entries.size < maxDestinations) return;
    throw new Refusal(`The embedded broker has its limit of ${maxDestinations} durable subscriptions: raise limits.maxDestinations`, {
      javaClass: 'javax.jms.ResourceAllocationException',
    });
  }

  #drop(id: string, entry: Entry): void {
    entry.stopJoining();
    entry.subscription.remove();
    this.#entries.delete(id);
    this.settings.store.subscriptions.delete(id);
  }
}

function idOf(key: DurableKey): string {
  return JSON.stringify([key.clientId, key.subscriptionName]);
}

function inUse(key: DurableKey): Refusal {
  return new Refusal(`Durable consumer is in use for client: ${key.clientId} and subscriptionName: ${key.subscriptionName}`, {
    javaClass: 'javax.jms.JMSException',
  });
}
