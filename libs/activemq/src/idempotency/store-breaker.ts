import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { GatedListener } from '../delivery/attempt-gate.js';
import { toErrorText } from '../errors/error-text.js';
import type { IdempotencyStore } from './idempotency-store.js';

/** ms between two looks at a store that is out: doubled each time, up to the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** ms after which a store that came back counts as well: an outage sooner is the same one. */
const STABLE_AFTER = 10_000;

/** What a {@link StoreBreaker} works with. */
export interface StoreBreakerParts {
  readonly store: Pick<IdempotencyStore, 'ping' | 'open'>;
  readonly logger: ConnectionLogger;
  /** Called when the store answers again, before any listener goes on. */
  readonly onRecovered: () => Promise<void>;
}

/** While the store is out, suspends the listeners that cannot do without it, and asks it until it answers. */
export class StoreBreaker {
  readonly #parts: StoreBreakerParts;
  readonly #listeners = new Set<GatedListener>();
  #outage: string | undefined;
  #isOpened = false;
  #isStopped = false;
  #pause = FIRST_PAUSE;
  #closedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #onClosed: (() => void)[] = [];

  constructor(parts: StoreBreakerParts) {
    this.#parts = parts;
  }

  /** Whether the store is out, as far as anybody knows. */
  get isOpen(): boolean {
    return this.#outage !== undefined;
  }

  /** Why; `undefined` while it is closed. */
  get outage(): string | undefined {
    return this.#outage;
  }

  /** A listener to suspend while the store is out. */
  guard(listener: GatedListener): void {
    this.#listeners.add(listener);
    if (this.#outage !== undefined) listener.suspend(this.closed(), this.#outage);
  }

  /** The store has failed: listeners are suspended before this returns. */
  trip(error: unknown): void {
    if (this.#isStopped || this.#outage !== undefined) return;
    this.#outage = `the idempotency store is out (${toErrorText(error)})`;
    this.#parts.logger.error(`${this.#outage}; it is asked until it answers`);
    for (const listener of this.#listeners) listener.suspend(this.closed(), this.#outage);
    if (performance.now() - this.#closedAt > STABLE_AFTER) this.#pause = FIRST_PAUSE;
    this.#askLater();
  }

  /** Checks the store for the first time. */
  async open(): Promise<void> {
    await this.#parts.store.open?.();
    this.#isOpened = true;
  }

  /** Resolves when the store is not out. */
  closed(): Promise<void> {
    return this.#outage === undefined ? Promise.resolve() : new Promise((resolve) => this.#onClosed.push(resolve));
  }

  /** Asks no more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #askLater(): void {
    // Up to half as much again: not all processes come back at the same moment.
    this.#timer = setTimeout(() => void this.#ask(), this.#pause * (1 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  async #ask(): Promise<void> {
    const { store, logger, onRecovered } = this.#parts;
    try {
      if (!this.#isOpened) await this.open();
      await store.ping();
      await onRecovered();
    } catch (error) {
      logger.debug(`The idempotency store is still out: ${toErrorText(error)}`);
      if (!this.#isStopped) this.#askLater();
      return;
    }
    if (this.#isStopped) return;
    this.#outage = undefined;
    this.#closedAt = performance.now();
    logger.log('The idempotency store answers again');
    for (const resolve of this.#onClosed.splice(0)) resolve();
  }
}
