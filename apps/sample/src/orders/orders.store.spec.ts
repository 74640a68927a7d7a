import { describe, expect, it } from 'vitest';

import type { Order } from './order.js';
import { OrdersStore } from './orders.store.js';

const order = (id: string): Order => ({ id, item: 'tea', quantity: 1, fails: false });

describe('OrdersStore', () => {
  it('follows an order from its send to its consumption', () => {
    const store = new OrdersStore();
    store.sending(order('a'));
    expect(store.changedSince(0, 10)).toMatchObject([{ id: 'a', state: 'sending', attempts: 0 }]);
    store.confirmed(order('a'));
    expect(store.changedSince(0, 10)).toMatchObject([{ id: 'a', state: 'confirmed' }]);
    expect(store.consumedOrders(10)).toEqual([]);
    store.consumed(order('a'), 1);
    expect(store.consumedOrders(10)).toMatchObject([{ id: 'a', state: 'consumed', attempts: 1, consumedAt: expect.any(Number) }]);
    expect(store.counters).toEqual({ sent: 1, confirmed: 1, unconfirmed: 0, consumed: 1, duplicates: 0, failedAttempts: 0 });
  });

  it('lets a late confirmation not take back that an order was consumed', () => {
    const store = new OrdersStore();
    store.sending(order('a'));
    store.consumed(order('a'), 1);
    store.confirmed(order('a'));
    expect(store.changedSince(0, 10)).toMatchObject([{ state: 'consumed' }]);
    expect(store.counters.confirmed).toBe(1);
  });

  it('counts the second consumption of an order as a duplicate', () => {
    const store = new OrdersStore();
    for (const id of ['a', 'b', 'a']) store.consumed(order(id), 1);
    expect(store.counters).toMatchObject({ consumed: 3, duplicates: 1 });
    expect(store.consumedOrders(10).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('tells failing orders from those that were given up', () => {
    const store = new OrdersStore();
    store.failed(order('a'), 1, false);
    expect(store.changedSince(0, 10)).toMatchObject([{ state: 'failing', attempts: 1 }]);
    store.failed(order('a'), 2, true);
    expect(store.changedSince(0, 10)).toMatchObject([{ state: 'gave-up', attempts: 2 }]);
    expect(store.counters.failedAttempts).toBe(2);
  });

  it('shows sends that failed', () => {
    const store = new OrdersStore();
    store.sending(order('a'));
    store.unconfirmed(order('a'));
    expect(store.changedSince(0, 10)).toMatchObject([{ state: 'unconfirmed' }]);
    expect(store.counters.unconfirmed).toBe(1);
  });

  it('tells only what changed since a version', () => {
    const store = new OrdersStore();
    store.sending(order('a'));
    const { version } = store;
    store.sending(order('b'));
    expect(store.changedSince(version, 10).map(({ id }) => id)).toEqual(['b']);
    store.confirmed(order('a'));
    expect(store.changedSince(version, 10).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(store.changedSince(version, 1).map(({ id }) => id)).toEqual(['a']);
  });

  it('forgets the oldest orders, not the totals', () => {
    const store = new OrdersStore();
    for (let number = 1; number <= 1_500; number++) store.consumed(order(String(number)), 1);
    const kept = store.consumedOrders(5_000);
    expect(kept).toHaveLength(1_000);
    expect(kept[0]?.id).toBe('1500');
    expect(kept.at(-1)?.id).toBe('501');
    expect(store.counters.consumed).toBe(1_500);
  });
});
