import type { DeliveringSubscription } from '../connection/message-consumer.js';

/** What became of the attempts at one message so far. */
export interface FailureRecord {
  /** Attempts that failed. */
  readonly attempts: number;
  /** Set when it was decided to dead-letter the message: no further attempt is made. */
  readonly verdict?: { readonly reason: string; readonly error: unknown };
}

/**
 * What one listener remembers of recent messages, because the broker tells no delivery count and redelivers, after a failover,
 * messages whose acknowledgement it never saw. Bounded: the oldest entries are forgotten first.
 *
 * The part that recognises handled messages mirrors ActiveMQ's client-side duplicate audit (`checkForDuplicates`, `auditDepth` 2048).
 */
export class DeliveryMemory {
  readonly #depth: number;
  /** Keys of handled messages, with the subscription that delivered them last. */
  readonly #handled = new Map<string, DeliveringSubscription>();
  readonly #failures = new Map<string, FailureRecord>();

  constructor(depth = 2_048) {
    this.#depth = depth;
  }

  /** Remembers that the message was handled: another copy of it is a duplicate. */
  handled(key: string, by: DeliveringSubscription): void {
    this.#failures.delete(key);
    this.#handled.delete(key);
    this.#handled.set(key, by);
    if (this.#handled.size > this.#depth) this.#handled.delete(oldest(this.#handled.keys()));
  }

  /** Whether the message was handled here not long ago, by a subscription that has ended: while it lives the message cannot come again. */
  wasHandled(key: string): boolean {
    return this.#handled.get(key)?.isCurrent === false;
  }

  /** Counts one more failed attempt and returns how many there were. */
  failed(key: string): number {
    const attempts = (this.#failures.get(key)?.attempts ?? 0) + 1;
    this.#remember(key, { attempts });
    return attempts;
  }

  /** Remembers that the message is to be dead-lettered, whatever happens to the connection before it is. */
  condemn(key: string, reason: string, error: unknown): void {
    this.#remember(key, { attempts: this.failuresOf(key).attempts, verdict: { reason, error } });
  }

  /** The failures so far. */
  failuresOf(key: string): FailureRecord {
    return this.#failures.get(key) ?? { attempts: 0 };
  }

  /** Forgets the message: its fate is sealed elsewhere. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  #remember(key: string, record: FailureRecord): void {
    this.#failures.delete(key);
    this.#failures.set(key, record);
    if (this.#failures.size > this.#depth) this.#failures.delete(oldest(this.#failures.keys()));
  }
}

/** Sets and Maps keep the order of insertion. */
function oldest(keys: Iterable<string>): string {
  for (const key of keys) return key;
  return '';
}
