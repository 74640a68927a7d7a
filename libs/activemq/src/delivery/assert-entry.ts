import { ConfigurationError } from '../errors/index.js';
import { type JmsDestination, parseDestinations } from '../message/destination.js';
import { mistakenWildcard, WILDCARDS } from './mistaken-wildcard.js';
import { assertKnownOptions, assertText } from '../validation/index.js';

/** An entry as ActiveMQ's configuration writes it. */
const CURES = {
  queue: "`destination`, as in `destination: 'orders.>'`",
  topic: "`destination`, as in `destination: 'topic://prices.>'`",
  deadLetterStrategy: '`strategy`',
  redeliveryPolicy: 'its options into the entry itself',
};

/**
 * Refuses an entry of a map by destination that nobody can read.
 *
 * @param index of the entry, from 0
 * @param own names of its options beside `destination`
 * @throws ConfigurationError with the entry's destination, or its place when it has none
 */
export function assertEntry(map: string, index: number, entry: object, own: readonly string[]): void {
  const destination: unknown = (entry as { readonly destination?: unknown }).destination;
  const where = typeof destination === 'string' ? `The entry for '${destination}' of ${map}` : `Entry ${index + 1} of ${map}`;
  assertKnownOptions(where, entry, ['destination', ...own], CURES);
  assertText(where, 'destination', destination);
  const mistaken = readable(destination)
    .map(mistakenWildcard)
    .find((segment) => segment !== undefined);
  if (mistaken === undefined) return;
  throw new ConfigurationError(`${where}: ActiveMQ takes '${mistaken}' in its \`destination\` for a name; ${WILDCARDS}`);
}

/** What cannot be read is refused by the map. */
function readable(destination: string): readonly JmsDestination[] {
  try {
    return parseDestinations(destination);
  } catch {
    return [];
  }
}
