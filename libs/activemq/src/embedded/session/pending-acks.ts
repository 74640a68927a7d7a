import type { Delivery } from '../destination/delivery.js';
import type { StompSubscription } from './stomp-subscription.js';

/** A delivery that waits for its ACK. */
export interface PendingAck {
  readonly ackId: string;
  readonly delivery: Delivery;
  readonly subscription: StompSubscription;
}

/** Stale ack ids remembered per connection. */
const MAX_STALE = 10_000;

/** The ack ids of one connection: those that count, and those of subscriptions that are gone. */
export class PendingAcks {
  readonly #valid = new Map<string, PendingAck>();
  readonly #stale = new Set<string>();

  add(pending: PendingAck): void {
    this.#valid.set(pending.ackId, pending);
  }

  find(ackId: string): PendingAck | undefined {
    return this.#valid.get(ackId);
  }

  remove(ackId: string): void {
    this.#valid.delete(ackId);
  }

  /** Its subscription is gone: ActiveMQ still answers an ACK of it with a receipt, and does nothing. */
  retire(ackId: string): void {
    if (!this.#valid.delete(ackId)) return;
    this.#stale.add(ackId);
    if (this.#stale.size <= MAX_STALE) return;
    const oldest = this.#stale.values().next();
    if (!oldest.done) this.#stale.delete(oldest.value);
  }

  /** Whether an ack id belonged to a subscription that is gone; true once. */
  takeStale(ackId: string): boolean {
    return this.#stale.delete(ackId);
  }
}
