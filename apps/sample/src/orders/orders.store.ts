import { Injectable } from '@nestjs/common';

import type { Order, OrderCounters, OrderRecord, OrderState } from './order.js';

/** Orders whose history is kept. */
const MOST_RECORDS = 1_000;
/** Order ids by which a second consumption is recognised. */
const MOST_CONSUMED_IDS = 50_000;

/** What became of recent orders, and totals; its memory is bounded, the oldest orders are forgotten first. */
@Injectable()
export class OrdersStore {
  readonly #records = new Map<string, OrderRecord>();
  readonly #consumedIds = new Set<string>();
  readonly #counters = { sent: 0, confirmed: 0, unconfirmed: 0, consumed: 0, duplicates: 0, failedAttempts: 0 };
  #version = 0;

  /** The totals so far. */
  get counters(): OrderCounters {
    return { ...this.#counters };
  }

  /** Grows with each change; see {@link changedSince}. */
  get version(): number {
    return this.#version;
  }

  /** The application is about to send the order. */
  sending(order: Order): void {
    this.#counters.sent++;
    this.#change(order, {});
  }

  /** The broker has stored the order; it may have been consumed already. */
  confirmed(order: Order): void {
    this.#counters.confirmed++;
    if (this.#stateOf(order) === 'sending') this.#change(order, { state: 'confirmed' });
  }

  /** The send failed. */
  unconfirmed(order: Order): void {
    this.#counters.unconfirmed++;
    if (this.#stateOf(order) === 'sending') this.#change(order, { state: 'unconfirmed' });
  }

  /** A handler run succeeded. */
  consumed(order: Order, attempts: number): void {
    this.#counters.consumed++;
    if (this.#consumedIds.has(order.id)) this.#counters.duplicates++;
    remember(this.#consumedIds, order.id);
    this.#change(order, { state: 'consumed', attempts, consumedAt: Date.now() });
  }

  /** A handler run failed; `isLast` when no further one follows. */
  failed(order: Order, attempts: number, isLast: boolean): void {
    this.#counters.failedAttempts++;
    this.#change(order, { state: isLast ? 'gave-up' : 'failing', attempts });
  }

  /** The newest consumed orders, newest first. */
  consumedOrders(limit: number): readonly OrderRecord[] {
    return this.#newest(limit, ({ state }) => state === 'consumed');
  }

  /** The newest orders that changed after `version`, newest change first. */
  changedSince(version: number, limit: number): readonly OrderRecord[] {
    return this.#newest(limit, (record) => record.version > version);
  }

  #newest(limit: number, wanted: (record: OrderRecord) => boolean): readonly OrderRecord[] {
    return [...this.#records.values()]
      .filter(wanted)
      .toSorted((a, b) => b.version - a.version)
      .slice(0, limit);
  }

  #stateOf({ id }: Order): OrderState | undefined {
    return this.#records.get(id)?.state;
  }

  #change({ id, item, quantity, fails }: Order, change: Partial<OrderRecord>): void {
    const known = this.#records.get(id) ?? { id, item, quantity, fails, state: 'sending', attempts: 0, createdAt: Date.now(), version: 0 };
    this.#records.set(id, { ...known, ...change, version: ++this.#version });
    if (this.#records.size > MOST_RECORDS) this.#records.delete(oldest(this.#records.keys()));
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size > MOST_CONSUMED_IDS) ids.delete(oldest(ids));
}

/** Maps and Sets keep the order of insertion. */
function oldest(keys: Iterable<string>): string {
  for (const key of keys) return key;
  return '';
}
