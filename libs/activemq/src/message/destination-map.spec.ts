import { describe, expect, it } from 'vitest';

import { parseDestinations } from './destination.js';
import { DestinationMap } from './destination-map.js';

const map = (...destinations: string[]) =>
  new DestinationMap(
    'Map',
    destinations.map((destination) => ({ destination, value: destination })),
  );
const get = (found: DestinationMap<string>, destination: string) => found.get(parseDestinations(destination)[0]!);

describe('DestinationMap', () => {
  it.each([
    ['orders', 'orders', true],
    ['orders', 'orders.eu', false],
    ['orders.*', 'orders.eu', true],
    ['orders.*', 'orders', false],
    ['orders.*', 'orders.eu.berlin', false],
    ['orders.>', 'orders.eu.berlin', true],
    ['orders.>', 'orders', true],
    ['>', 'anything.at.all', true],
    ['*.eu', 'orders.eu', true],
    ['*.eu', 'orders.us', false],
    ['topic://prices', 'prices', false],
    ['topic://prices', 'topic://prices', true],
    ['a,b', 'b', true],
  ])('%s and %s: %s', (pattern, name, matches) => {
    expect(get(map(pattern), name)).toBe(matches ? pattern : undefined);
  });

  it('prefers a name to *, * to >, at the first segment where they differ, whatever their order', () => {
    const entries = ['>', 'orders.>', 'orders.*', 'orders.eu', '*.eu', 'orders.eu.>'];
    for (const given of [entries, entries.toReversed()]) {
      const found = map(...given);
      expect(['orders.eu', 'orders.us', 'orders.eu.x', 'bills.eu', 'bills.us', 'orders.us.x'].map((name) => get(found, name))).toEqual([
        'orders.eu',
        'orders.*',
        'orders.eu.>',
        '*.eu',
        '>',
        'orders.>',
      ]);
    }
  });

  it('refuses an entry that stands there twice, and what is no destination', () => {
    expect(() => map('orders', 'queue://orders')).toThrow('Map: there are two entries for queue://orders');
    expect(() => map('queue://')).toThrow(/Map: .*empty name/);
  });
});
