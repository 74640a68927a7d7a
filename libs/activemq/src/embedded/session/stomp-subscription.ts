import { Refusal } from '../broker/refusal.js';
import type { Consumer, Delivery, DeliverySink } from '../destination/delivery.js';
import type { DestinationName } from '../destination/destination-name.js';
import type { PendingAck, PendingAcks } from './pending-acks.js';
import type { StompTransaction } from './stomp-transaction.js';

/** The acknowledgement modes of STOMP; what a client asks for besides them is `auto`, as in ActiveMQ. */
export type AckMode = 'auto' | 'client' | 'client-individual';

/** What a subscription needs of its session. */
export interface SubscriptionPeer {
  readonly blocked: boolean;
  readonly acks: PendingAcks;
  nextAckId(): string;
  message(subscription: StompSubscription, delivery: Delivery, ackId: string | undefined): void;
  browsed(subscription: StompSubscription): void;
}

/** One SUBSCRIBE of one connection: what was delivered on it and which acknowledgement means what. */
export class StompSubscription implements DeliverySink {
  consumer: Consumer | undefined;
  /** By message id, in order of delivery. */
  readonly #dispatched = new Map<string, PendingAck>();
  /** Acknowledged in open transactions; per subscription and not per transaction, as in ActiveMQ: two at a time get in each other's way. */
  readonly #transacted = new Set<PendingAck>();

  constructor(
    readonly id: string | undefined,
    readonly destination: DestinationName,
    readonly ackMode: AckMode,
    readonly transformation: string | undefined,
    private readonly peer: SubscriptionPeer,
  ) {}

  get blocked(): boolean {
    return this.peer.blocked;
  }

  deliver(delivery: Delivery): void {
    if (this.ackMode === 'auto') {
      this.peer.message(this, delivery, undefined);
      delivery.acknowledge();
      return;
    }
    const pending = { ackId: this.peer.nextAckId(), delivery, subscription: this };
    this.#dispatched.set(delivery.message.id, pending);
    this.peer.acks.add(pending);
    this.peer.message(this, delivery, pending.ackId);
  }

  browsed(): void {
    this.peer.browsed(this);
  }

  /** ACK of a message; false when this subscription does not wait for it. */
  acknowledge(messageId: string, transaction: StompTransaction | undefined): boolean {
    const pending = this.#dispatched.get(messageId);
    if (pending === undefined) return false;
    const acknowledged = this.ackMode === 'client' ? this.#upTo(pending) : [pending];
    for (const each of acknowledged) this.#forget(each, transaction !== undefined);
    for (const each of acknowledged) {
      if (transaction === undefined) each.delivery.acknowledge();
      else transaction.acknowledge(each.delivery, this.ackMode === 'client-individual');
    }
    return true;
  }

  /**
   * NACK of a message, of that one only in every mode; false when this subscription does not wait for it.
   *
   * @throws Refusal in a transaction; the ack id is gone then until the transaction aborts
   */
  reject(messageId: string, transaction: StompTransaction | undefined): boolean {
    const pending = this.#dispatched.get(messageId);
    if (pending === undefined) return false;
    this.#forget(pending, transaction !== undefined);
    if (transaction !== undefined) {
      throw new Refusal(`Poison ack cannot be transacted: ${messageId}`, { javaClass: 'javax.jms.JMSException' });
    }
    pending.delivery.reject();
    return true;
  }

  /** A transaction commits: what was acknowledged on this subscription is settled. */
  onCommit(): void {
    for (const pending of this.#transacted) {
      this.#dispatched.delete(pending.delivery.message.id);
      if (this.ackMode === 'client') pending.delivery.acknowledge();
    }
    this.#transacted.clear();
  }

  /** A transaction aborts: the ack ids are valid again. */
  onAbort(): void {
    for (const pending of this.#transacted) this.peer.acks.add(pending);
    this.#transacted.clear();
  }

  /** Ends it: what was delivered and not acknowledged goes back. */
  close(): void {
    for (const pending of this.#dispatched.values()) this.peer.acks.retire(pending.ackId);
    this.#dispatched.clear();
    this.#transacted.clear();
    this.consumer?.close();
  }

  #upTo(last: PendingAck): PendingAck[] {
    const pending: PendingAck[] = [];
    for (const each of this.#dispatched.values()) {
      if (!this.#transacted.has(each)) pending.push(each);
      if (each === last) break;
    }
    return pending;
  }

  #forget(pending: PendingAck, transacted: boolean): void {
    this.peer.acks.remove(pending.ackId);
    if (transacted) this.#transacted.add(pending);
    else this.#dispatched.delete(pending.delivery.message.id);
  }
}
