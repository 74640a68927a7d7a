import type { IncomingDelivery } from '../connection/incoming-delivery.js';
import type { JmsMessage } from '../message/jms-message.js';

const POSTPONED = Symbol('postponed');

/** A message between its delivery and its settlement, bound to the newest delivery of it. */
export class InFlightMessage {
  #key: string;
  readonly message: JmsMessage;
  #delivery: IncomingDelivery;
  #interruption = new AbortController();
  /** Its place in the order in which the messages of its listener came. */
  readonly order: number;
  /** Whether nothing happens to it now: it waits for its next attempt. */
  isWaiting = false;

  constructor(delivery: IncomingDelivery, message: JmsMessage, order = 0) {
    this.order = order;
    this.#delivery = delivery;
    this.message = message;
    this.#key = deliveryKey(delivery);
  }

  /** Names the message through failovers. */
  get key(): string {
    return this.#key;
  }

  /** Another message goes by the same key: this one gets a key that no redelivery will have. */
  distinguish(): void {
    this.#key += ` ${this.#delivery.epoch}/${this.#delivery.frame.headers['ack'] ?? ''}`;
  }

  /** The delivery to settle. */
  get delivery(): IncomingDelivery {
    return this.#delivery;
  }

  /** Aborts when there is no point in waiting for another attempt: the delivery is void, or the listener stops; or not now, see {@link postpone}. */
  get interrupted(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Whether its wait for another attempt has ended, or will, because it is to go on later. */
  get isPostponed(): boolean {
    return this.#interruption.signal.reason === POSTPONED;
  }

  /** Ends the wait for the next attempt, if it is in one; an attempt that runs goes on. */
  interrupt(): void {
    this.#interruption.abort();
  }

  /** As {@link interrupt}, of a message that stays ours, and takes up its wait again when it is {@link resumed}. */
  postpone(): void {
    this.#interruption.abort(POSTPONED);
  }

  /** It has a slot again, and may wait in it. */
  resumed(): void {
    if (this.isPostponed) this.#interruption = new AbortController();
  }

  /** The broker delivered the message again while it was being handled: what settles it settles the new delivery. */
  rebind(delivery: IncomingDelivery): void {
    this.#delivery = delivery;
    this.#interruption = new AbortController();
  }
}

/**
 * The {@link InFlightMessage.key} of a delivery: what stays when the broker delivers a message again, and differs between messages.
 *
 * The id alone is not enough: copies of one virtual-topic message share it, and a Java producer's property named `message-id` overrides it.
 */
export function deliveryKey({ frame: { headers, body } }: IncomingDelivery): string {
  return [headers['message-id'], headers['destination'], headers['timestamp'], headers['idempotencyKey'], body.length].join(' ');
}
