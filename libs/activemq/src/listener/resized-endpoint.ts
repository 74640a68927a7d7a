import { ConfigurationError } from '../errors/index.js';
import { assertInteger } from '../validation/index.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import { prefetchFor } from './prefetch.js';

/** Messages that a listener can handle at the same time at most. */
export const MOST_CONCURRENT = 10_000;

/**
 * The endpoint with another concurrency, and the prefetch that goes with it.
 *
 * @throws ConfigurationError for a number that is impossible here
 */
export function resizedEndpoint(endpoint: JmsListenerEndpoint, concurrency: number): JmsListenerEndpoint {
  const where = `Listener '${endpoint.id}'`;
  assertInteger(where, 'concurrency', concurrency, { min: 1, max: MOST_CONCURRENT });
  assertSubscriptionPerSlot(where, { ...endpoint, concurrency });
  return {
    ...endpoint,
    concurrency,
    prefetch: prefetchFor(concurrency, { prefetch: endpoint.givenPrefetch, batchSize: endpoint.batch?.size }),
  };
}

/**
 * Refuses transacted slots on a topic.
 *
 * @throws ConfigurationError naming the listener and the cure
 */
export function assertSubscriptionPerSlot(
  where: string,
  { ackMode, concurrency, destinations }: Pick<JmsListenerEndpoint, 'ackMode' | 'concurrency' | 'destinations'>,
): void {
  if (ackMode !== 'transacted' || concurrency === 1 || destinations.every(({ type }) => type.endsWith('queue'))) return;
  throw new ConfigurationError(
    `${where}: in \`ackMode: 'transacted'\` each of the ${concurrency} slots has a subscription of its own, and each would get every message of the topic; set \`concurrency: 1\``,
  );
}
