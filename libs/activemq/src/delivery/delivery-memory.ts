import type { DeliveringSubscription } from '../connection/incoming-delivery.js';

/** Why a message is not going to be handled. */
export interface Verdict {
  readonly reason: string;
  readonly error: unknown;
  /** Whether it expired: that follows the dead-letter strategy's `processExpired`. */
  readonly isExpired?: boolean;
  /** How often it was tried, where that is known from elsewhere. */
  readonly attempts?: number;
  /** Whether its last attempt ended without an error: a rejection. */
  readonly isAttempted?: boolean;
}

/** What became of the attempts at one message so far, in this process. */
export interface FailureRecord {
  /** Attempts that failed. */
  readonly attempts: number;
  /** ms since 1970. */
  readonly firstFailedAt?: number;
  readonly lastFailedAt?: number;
  /** Set when it was decided to dead-letter the message: no further attempt is made. */
  readonly verdict?: Verdict;
  /** When the next attempt is due, in ms of `DeliveryTimers.now()`; set while it is waited for. */
  readonly notBefore?: number;
  /** How many connections have ended while the dead letter was being sent. */
  readonly lostDeadLetters?: number;
  /** How many connections have ended while the broker had a message of its transaction and had not answered. */
  readonly lostSends?: number;
  /** Set while nobody knows whether the broker took a rejection, since it died before it answered. */
  readonly isRejectionLost?: boolean;
  /** Set when a rejection was not answered, and made no dead letter: the broker may hold a copy for redelivery beside the message. */
  readonly mayHaveCopy?: boolean;
}

/** Stands for the subscription of a message of which another copy may come, whatever becomes of the one that delivered it. */
const NO_SUBSCRIPTION: DeliveringSubscription = { isCurrent: false };

const NO_FAILURES: FailureRecord = { attempts: 0 };

/**
 * What one listener remembers of recent messages, because the broker tells no delivery count and redelivers, after a failover,
 * messages whose acknowledgement it never saw. Bounded: the oldest entries are forgotten first.
 *
 * The part that recognises handled messages mirrors ActiveMQ's client-side duplicate audit (`checkForDuplicates`, `auditDepth` 2048).
 */
export class DeliveryMemory {
  #depth: number;
  /** Keys of handled messages, with the subscription that delivered them last. */
  readonly #handled = new Map<string, DeliveringSubscription>();
  readonly #failures = new Map<string, FailureRecord>();
  /** What is being handled, with the end of that. */
  readonly #runs = new Map<string, Promise<void>>();

  /** @param depth messages; it has to be more than may be delivered and not settled: what is forgotten begins with the first attempt */
  constructor(depth = 2_048) {
    this.#depth = depth;
  }

  /** Remembers at least so many messages from here on. */
  deepen(depth: number): void {
    this.#depth = Math.max(this.#depth, depth);
  }

  /** The end of what is being done about a message of that key; `undefined` when nothing is. */
  runOf(key: string): Promise<void> | undefined {
    return this.#runs.get(key);
  }

  /** Something begins to be done about the message; returns what tells its end. */
  begin(key: string): () => void {
    let resolve!: () => void;
    const run = new Promise<void>((onEnd) => (resolve = onEnd));
    this.#runs.set(key, run);
    return () => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
      resolve();
    };
  }

  /** Remembers that the message was handled: another copy of it is a duplicate. */
  handled(key: string, by: DeliveringSubscription): void {
    const { mayHaveCopy } = this.failuresOf(key);
    this.#failures.delete(key);
    this.#handled.delete(key);
    this.#handled.set(key, mayHaveCopy ? NO_SUBSCRIPTION : by);
    if (this.#handled.size > this.#depth) this.#handled.delete(oldest(this.#handled.keys()));
  }

  /** Whether the message was handled here not long ago, by a subscription that has ended: while it lives the message cannot come again. */
  wasHandled(key: string): boolean {
    return this.#handled.get(key)?.isCurrent === false;
  }

  /** Counts one more failed attempt and returns all that is known of them. */
  failed(key: string): FailureRecord {
    const { attempts, firstFailedAt, notBefore: _, ...rest } = this.failuresOf(key);
    const now = Date.now();
    return this.#remember(key, { ...rest, attempts: attempts + 1, firstFailedAt: firstFailedAt ?? now, lastFailedAt: now });
  }

  /** Remembers when the next attempt is due: should the message be delivered again meanwhile, it waits for the rest. */
  delayed(key: string, notBefore: number): void {
    this.#remember(key, { ...this.failuresOf(key), notBefore });
  }

  /** The next attempt is due. */
  due(key: string): void {
    const { notBefore, ...record } = this.failuresOf(key);
    if (notBefore !== undefined) this.#remember(key, record);
  }

  /** Remembers that the message is to be dead-lettered, whatever happens to the connection before it is. */
  condemn(key: string, verdict: Verdict): FailureRecord {
    return this.#remember(key, { ...this.failuresOf(key), verdict });
  }

  /** Counts a connection that ended while the message's dead letter was being sent. */
  deadLetterLost(key: string): void {
    const record = this.failuresOf(key);
    this.#remember(key, { ...record, lostDeadLetters: (record.lostDeadLetters ?? 0) + 1 });
  }

  /** Counts a connection that ended while the broker had a message of its transaction; returns how many there were. */
  sendLost(key: string): number {
    const record = this.failuresOf(key);
    const lostSends = (record.lostSends ?? 0) + 1;
    this.#remember(key, { ...record, lostSends });
    return lostSends;
  }

  /** Remembers that a rejection was not answered: the broker may have carried it out. */
  rejectionLost(key: string): void {
    this.#remember(key, { ...this.failuresOf(key), isRejectionLost: true });
  }

  /** Remembers that the rejection made no dead letter. */
  rejectionUndone(key: string): void {
    this.#remember(key, { ...this.failuresOf(key), isRejectionLost: false, mayHaveCopy: true });
  }

  /** The failures so far. */
  failuresOf(key: string): FailureRecord {
    return this.#failures.get(key) ?? NO_FAILURES;
  }

  /** The broker has taken a rejection, or keeps the message: it is forgotten. Of one that may have a copy the verdict is kept for that. */
  rejected(key: string): void {
    const record = this.failuresOf(key);
    if (record.mayHaveCopy) this.#remember(key, { ...record, mayHaveCopy: false });
    else this.#failures.delete(key);
  }

  #remember(key: string, record: FailureRecord): FailureRecord {
    this.#failures.delete(key);
    this.#failures.set(key, record);
    if (this.#failures.size > this.#depth) this.#failures.delete(oldest(this.#failures.keys()));
    return record;
  }
}

/** Sets and Maps keep the order of insertion. */
function oldest(keys: Iterable<string>): string {
  for (const key of keys) return key;
  return '';
}
