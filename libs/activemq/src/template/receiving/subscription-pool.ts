import type { ActiveMqConnection } from '../../connection/activemq-connection.js';
import type { OutgoingHeaders } from '../../stomp/stomp-session.js';
import { PulledSubscription } from './pulled-subscription.js';

interface IdleSubscription {
  readonly subscription: PulledSubscription;
  readonly timer: NodeJS.Timeout;
}

/**
 * Keeps a subscription for a moment after it was used, so that a loop of receives is one subscription.
 *
 * That is more than speed: the acknowledgement of one message lets the broker deliver the next, and when the subscription ends then, that one goes
 * back flagged `redelivered`, and counted, though nobody has seen it.
 */
export class SubscriptionPool {
  readonly #connection: ActiveMqConnection;
  readonly #linger: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #idle = new Map<string, IdleSubscription[]>();

  /**
   * @param linger ms that a subscription is kept without use
   * @param onFailure is told when the end of one fails: nobody waits for it
   */
  constructor(connection: ActiveMqConnection, linger: number, onFailure: (error: unknown) => void) {
    this.#connection = connection;
    this.#linger = linger;
    this.#onFailure = onFailure;
  }

  /** A subscription for one caller alone; give it back with {@link release}, or stop it. */
  acquire(headers: OutgoingHeaders): PulledSubscription {
    const key = keyOf(headers);
    const idle = this.#idle.get(key);
    const entry = idle?.shift();
    if (idle?.length === 0) this.#idle.delete(key);
    if (!entry) return new PulledSubscription(this.#connection, headers);
    clearTimeout(entry.timer);
    return entry.subscription;
  }

  /** Takes a subscription back; it ends when nobody asks for it in time. */
  release(headers: OutgoingHeaders, subscription: PulledSubscription): void {
    const key = keyOf(headers);
    const timer = setTimeout(() => {
      const left = (this.#idle.get(key) ?? []).filter((entry) => entry.subscription !== subscription);
      if (left.length === 0) this.#idle.delete(key);
      else this.#idle.set(key, left);
      subscription.stop().catch(this.#onFailure);
    }, this.#linger);
    // Nothing is lost when the process ends first: the broker takes back what it holds.
    timer.unref();
    this.#idle.set(key, [...(this.#idle.get(key) ?? []), { subscription, timer }]);
  }
}

function keyOf({ destination, selector }: OutgoingHeaders): string {
  return JSON.stringify([destination, selector]);
}
