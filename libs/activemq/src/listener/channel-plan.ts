import { isDeadLetterQueue } from '../delivery/dead-letter-queue.js';
import { formatDestination, isPattern } from '../message/destination.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** One subscription that a listener makes. */
export interface PlannedChannel {
  /** The `ack` header of SUBSCRIBE. */
  readonly ack: 'client-individual' | 'client';
  /** Messages handled at the same time. */
  readonly concurrency: number;
  readonly prefetch: number;
}

/**
 * The subscriptions of a listener: one for all its slots; in `transacted` mode one for each, so that what a slot acknowledges stays apart.
 *
 * A transacted slot that settles in the order of delivery uses `client`, which acknowledges what came before too: with it ActiveMQ forgets what was
 * acknowledged in a transaction. A subscription that others share never does: it gets a second slot when its listener's concurrency is raised, and
 * whoever is done first would acknowledge what still runs.
 */
export function channelPlan(endpoint: JmsListenerEndpoint): readonly PlannedChannel[] {
  const { ackMode, concurrency, prefetch } = endpoint;
  if (ackMode !== 'transacted') return [{ ack: 'client-individual', concurrency, prefetch }];
  const ack = settlesInOrder(endpoint) ? 'client' : 'client-individual';
  return Array.from({ length: concurrency }, () => ({ ack, concurrency: 1, prefetch: Math.max(1, Math.floor(prefetch / concurrency)) }));
}

/** Whether a transacted slot settles each message before the next: none waits outside of its slot, or stays unacknowledged. */
function settlesInOrder({ destinations, redelivery, deadLetter, subscriber }: JmsListenerEndpoint): boolean {
  if (isPattern(destinations)) return false;
  return destinations.every((destination) => {
    const target = deadLetter(destination).targetFor(destination, subscriber);
    // What already is a dead letter is kept.
    const mayKeep = typeof target !== 'string' && formatDestination(target) === formatDestination(destination);
    return !mayKeep && !isDeadLetterQueue(formatDestination(destination)) && !redelivery(destination).nonBlockingRedelivery;
  });
}
