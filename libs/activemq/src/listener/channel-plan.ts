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
 * The subscriptions of a listener: one for all its slots, of which each acknowledges its own message; in `transacted` mode one for each slot.
 *
 * A slot of its own that settles in the order of delivery uses `client`, which acknowledges what came before too: with it ActiveMQ forgets what
 * was acknowledged in a transaction. Elsewhere the session is renewed now and then.
 */
export function channelPlan(endpoint: JmsListenerEndpoint): readonly PlannedChannel[] {
  const { ackMode, concurrency, prefetch } = endpoint;
  if (ackMode !== 'transacted') return [{ ack: 'client-individual', concurrency, prefetch }];
  const ack = settlesInOrder(endpoint) ? 'client' : 'client-individual';
  return Array.from({ length: concurrency }, () => ({ ack, concurrency: 1, prefetch: Math.max(1, Math.floor(prefetch / concurrency)) }));
}

/** Whether one slot settles each message before the next: none is decided later, waits outside of its slot, or stays unacknowledged. */
function settlesInOrder({ destinations, redelivery, deadLetter, subscriber }: JmsListenerEndpoint): boolean {
  if (isPattern(destinations)) return false;
  return destinations.every((destination) => {
    const target = deadLetter(destination).targetFor(destination, subscriber);
    // What already is a dead letter is kept.
    const mayKeep = typeof target !== 'string' && formatDestination(target) === formatDestination(destination);
    return !mayKeep && !isDeadLetterQueue(formatDestination(destination)) && !redelivery(destination).nonBlockingRedelivery;
  });
}
