import { holdsDeadLetters } from '../delivery/dead-letter-queue.js';
import { isPattern } from '../message/destination.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import { subscribedTogether } from './subscribe-headers.js';

/** One subscription that a listener makes to each of its destinations. */
export interface PlannedChannel {
  /** The `ack` header of SUBSCRIBE. */
  readonly ack: 'client-individual' | 'client';
  /** Messages handled at the same time. */
  readonly concurrency: number;
  /** Of each subscription. */
  readonly prefetch: number;
}

/**
 * The subscriptions of a listener to each of its destinations: one for all its slots; in `transacted` mode one for each, so that what a slot acknowledges stays apart.
 *
 * A transacted slot that settles in the order of delivery uses `client`, which acknowledges what came before too: with it ActiveMQ forgets what was
 * acknowledged in a transaction. A subscription for all slots never does, also while there is one: it may get more of them at any time.
 */
export function channelPlan(endpoint: JmsListenerEndpoint): readonly PlannedChannel[] {
  const { ackMode, prefetch } = endpoint;
  const concurrency = slotsOf(endpoint);
  if (ackMode !== 'transacted') return [{ ack: 'client-individual', concurrency, prefetch }];
  const ack = settlesInOrder(endpoint) ? 'client' : 'client-individual';
  return Array.from({ length: concurrency }, () => ({ ack, concurrency: 1, prefetch: Math.max(1, Math.floor(prefetch / concurrency)) }));
}

/** Messages that may be delivered to all of these subscriptions and not settled. */
export function mostUnsettled(endpoint: JmsListenerEndpoint): number {
  const each = channelPlan(endpoint).reduce((sum, { prefetch }) => sum + prefetch, 0);
  return each * subscribedTogether(endpoint).length;
}

/** Messages, or batches, that a listener handles at the same time: of several exclusive consumers, as Spring would have them, ActiveMQ serves one. */
export function slotsOf({ exclusive, concurrency }: Pick<JmsListenerEndpoint, 'exclusive' | 'concurrency'>): number {
  return exclusive ? 1 : concurrency;
}

/** Whether one slot settles each message before the next: none is decided later, waits outside of its slot, or stays unacknowledged. */
function settlesInOrder({ batch, destinations, redelivery, deadLetter, subscriber }: JmsListenerEndpoint): boolean {
  if (batch || destinations.some((destination) => isPattern([destination]))) return false;
  // What already is a dead letter is kept.
  return destinations.every(
    (destination) => !holdsDeadLetters(destination, deadLetter, subscriber) && !redelivery(destination).nonBlockingRedelivery,
  );
}
