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
 * The subscriptions of a listener: one for all its slots; in `transacted` mode one for each, because ActiveMQ mixes up two transactions that
 * acknowledge messages of one subscription.
 */
export function channelPlan({ ackMode, concurrency, prefetch, destinations }: JmsListenerEndpoint): readonly PlannedChannel[] {
  if (ackMode !== 'transacted') return [{ ack: 'client-individual', concurrency, prefetch }];
  // A slot of its own settles in the order of delivery, so that `client`, which acknowledges what came before too, is as good; and with it
  // ActiveMQ forgets what was committed. Not where a message may be kept unacknowledged.
  const mayKeep = isPattern(destinations) || destinations.some((destination) => isDeadLetterQueue(formatDestination(destination)));
  const ack = mayKeep ? 'client-individual' : 'client';
  return Array.from({ length: concurrency }, () => ({ ack, concurrency: 1, prefetch: Math.max(1, Math.floor(prefetch / concurrency)) }));
}
