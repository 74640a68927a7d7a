import { Refusal } from '../broker/refusal.js';
import type { Delivery } from '../destination/delivery.js';
import { destinationName, type DestinationName } from '../destination/destination-name.js';
import { showStompDestination } from '../destination/stomp-destination.js';
import { messageFrame } from './outgoing-message.js';
import { PendingAcks } from './pending-acks.js';
import type { StompSession } from './stomp-session.js';
import type { StompSubscription, SubscriptionPeer } from './stomp-subscription.js';
import type { StompTransaction } from './stomp-transaction.js';

/** What one connection holds: subscriptions, transactions, temporary destinations, ids. */
export class SessionState implements SubscriptionPeer {
  readonly connectionId: string;
  readonly acks = new PendingAcks();
  /** By id; a second SUBSCRIBE with the same id hides the first one, which goes on delivering, as in ActiveMQ. */
  readonly subscriptions = new Map<string, StompSubscription>();
  readonly allSubscriptions = new Set<StompSubscription>();
  readonly transactions = new Map<string, StompTransaction>();
  connected = false;
  clientId: string;
  claimedClientId: string | undefined;
  user: string | undefined;
  readonly #temporaries = new Map<string, DestinationName>();
  readonly #temporaryNames = new Map<string, string>();
  #lastMessage = 0;

  constructor(private readonly session: StompSession) {
    this.connectionId = session.broker.connectionIds.next();
    this.clientId = this.connectionId;
  }

  get blocked(): boolean {
    return this.session.blocked;
  }

  nextAckId(): string {
    return this.session.broker.acknowledgementIds.next();
  }

  nextMessageId(): string {
    return `${this.connectionId}:-1:1:${++this.#lastMessage}`;
  }

  /** What this connection calls `/temp-queue/x`, made when it is first named. */
  temporary(stompName: string, topic: boolean): DestinationName {
    const known = this.#temporaries.get(stompName);
    if (known !== undefined) return known;
    const { destinations, settings } = this.session.broker;
    if (this.#temporaries.size >= settings.limits.maxSubscriptions) {
      throw new Refusal(`This connection has its limit of ${this.#temporaries.size} temporary destinations`, {
        javaClass: 'javax.jms.ResourceAllocationException',
      });
    }
    const name = destinationName(topic ? 'temp-topic' : 'temp-queue', `${this.connectionId}:${this.#temporaries.size + 1}`);
    if (topic) destinations.createTopic(name);
    else destinations.createQueue(name);
    this.#temporaries.set(stompName, name);
    this.#temporaryNames.set(name.qualifiedName, stompName);
    return name;
  }

  message(subscription: StompSubscription, delivery: Delivery, ackId: string | undefined): void {
    this.session.send(
      messageFrame(delivery, {
        subscriptionId: subscription.id,
        ackId: this.session.version === '1.2' ? ackId : undefined,
        transformation: subscription.transformation,
        temporaryName: (name) => this.#temporaryNames.get(name.qualifiedName),
      }),
    );
  }

  browsed(subscription: StompSubscription): void {
    const headers: Record<string, string> = {
      destination: showStompDestination(subscription.destination),
      'message-id': '0',
      browser: 'end',
    };
    if (subscription.id !== undefined) headers['subscription'] = subscription.id;
    this.session.send({ command: 'MESSAGE', headers });
  }

  resumeDeliveries(): void {
    for (const subscription of this.allSubscriptions) subscription.consumer?.resume();
  }

  /** Rolls back what is open and gives back what is in flight. */
  close(): void {
    this.connected = false;
    for (const transaction of this.transactions.values()) transaction.abort();
    this.transactions.clear();
    for (const subscription of this.allSubscriptions) subscription.close();
    this.allSubscriptions.clear();
    this.subscriptions.clear();
    for (const name of this.#temporaries.values()) this.session.broker.destinations.delete(name);
  }
}
