import type { IncomingDelivery } from '../connection/incoming-delivery.js';
import { deliveryKey } from '../delivery/in-flight-message.js';

/** Fewer of them are not worth looking for those that are settled. */
const LEAST_REMEMBERED = 200;

/** What {@link SharedMessageIds} works with. */
export interface SharedMessageIdsSettings {
  /** Whether a delivery of that `deliveryKey` is not settled yet. */
  readonly isUnsettled: (key: string) => boolean;
  /** Called at the first time, with the two destinations as written in frames. */
  readonly onShared: (destination: string, other: string) => void;
}

/**
 * Sees when two messages of one subscription that are not settled have one message id: copies of a composite send, of a virtual topic or of a
 * dead letter, on queues that one wildcard matches. ActiveMQ keeps what a subscription was given by message id: the acknowledgement of one copy
 * counts for the other, and the second is refused.
 */
export class SharedMessageIds {
  readonly #settings: SharedMessageIdsSettings;
  readonly #seen = new Map<string, { readonly key: string; readonly destination: string }>();
  #isOver = false;
  #mostRemembered = LEAST_REMEMBERED;

  constructor(settings: SharedMessageIdsSettings) {
    this.#settings = settings;
  }

  /** A message was delivered. */
  see(delivery: IncomingDelivery): void {
    if (this.#isOver) return;
    const { 'message-id': id = '', destination = '' } = delivery.frame.headers;
    const other = this.#seen.get(id);
    if (other && other.destination !== destination && this.#settings.isUnsettled(other.key)) {
      this.#isOver = true;
      this.#seen.clear();
      this.#settings.onShared(destination, other.destination);
      return;
    }
    this.#seen.set(id, { key: deliveryKey(delivery), destination });
    if (this.#seen.size > this.#mostRemembered) this.#forgetSettled();
  }

  #forgetSettled(): void {
    for (const [id, { key }] of this.#seen) if (!this.#settings.isUnsettled(key)) this.#seen.delete(id);
    this.#mostRemembered = Math.max(LEAST_REMEMBERED, 2 * this.#seen.size);
  }
}
