import { expect, it } from 'vitest';

import { parseDestinations } from '../message/destination.js';
import { mistakenWildcard } from './mistaken-wildcard.js';

it.each([
  ['orders*', 'orders*'],
  ['*orders', '*orders'],
  ['eu.orders*.new', 'orders*'],
  ['orders.**', '**'],
  ['orders.#', '#'],
  ['#', '#'],
  ['orders#', 'orders#'],
  ['orders.+', '+'],
  ['orders.>>', '>>'],
  ['orders>', 'orders>'],
  ['topic://prices.eu*', 'eu*'],
  ['orders', undefined],
  ['orders.*', undefined],
  ['*.orders.>', undefined],
  ['queue://*', undefined],
  ['>', undefined],
  ['ticket#42', undefined],
  ['c++', undefined],
])('%s has a wildcard that is none: %s', (destination, expected) => {
  expect(mistakenWildcard(parseDestinations(destination)[0]!)).toBe(expected);
});
