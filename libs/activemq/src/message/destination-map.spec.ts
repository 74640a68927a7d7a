import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { DestinationMap } from './destination-map.js';

function map(...destinations: string[]): DestinationMap<string> {
  return new DestinationMap(
    'The map',
    destinations.map((destination) => ({ destination, value: destination })),
  );
}

const queue = (physicalName: string) => ({ type: 'queue', physicalName }) as const;

describe('DestinationMap', () => {
  it.each([
    ['orders.eu', 'orders.eu'],
    ['orders.us', 'orders.*'],
    ['orders', 'orders'],
    ['orders.eu.late', 'orders.eu.>'],
    ['orders.us.late', 'orders.>'],
    ['prices', '>'],
  ])('finds for %s the entry %s, in whatever order they were given', (name, entry) => {
    const entries = ['>', 'orders.>', 'orders.eu.>', 'orders.*', 'orders.eu', 'orders'];
    expect(map(...entries).get(queue(name))).toBe(entry);
    expect(map(...entries.toReversed()).get(queue(name))).toBe(entry);
  });

  it("takes a name before the `>` below it, which matches it as well, as ActiveMQ's does", () => {
    expect(map('orders.>', 'orders').get(queue('orders'))).toBe('orders');
    expect(map('orders.>').get(queue('orders'))).toBe('orders.>');
  });

  it('tells queues from topics, and finds nothing where nothing matches', () => {
    const topics = map('topic://orders.>', 'queue://prices');
    expect(topics.get(queue('orders.eu'))).toBeUndefined();
    expect(topics.get({ type: 'topic', physicalName: 'orders.eu' })).toBe('topic://orders.>');
    expect(topics.get({ type: 'topic', physicalName: 'prices' })).toBeUndefined();
    expect(topics.get(queue('prices.eu'))).toBeUndefined();
  });

  it('refuses two entries for one destination, and a bad one', () => {
    expect(() => map('orders', 'queue://orders')).toThrow(ConfigurationError);
    expect(() => map('orders', 'queue://orders')).toThrow('The map: there are two entries for queue://orders');
    expect(() => map('')).toThrow(/^The map: /);
  });
});
