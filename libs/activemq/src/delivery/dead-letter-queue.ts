import { formatDestination, type JmsDestination } from '../message/destination.js';
import { type DeadLetterStrategy, type DurableSubscriber, isOwnTarget } from './dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyLookup } from './dead-letter/dead-letter-strategy-map.js';

/**
 * Whether a destination is a dead letter queue by ActiveMQ's habits: `ActiveMQ.DLQ`, or a name that begins with `ActiveMQ.DLQ.` or `DLQ.`.
 *
 * A NACK of a message on such a queue destroys it.
 */
export function isDeadLetterQueue(destination: string): boolean {
  return /^queue:\/\/(?:ActiveMQ\.DLQ(?:$|\.)|DLQ\.)/.test(destination);
}

/**
 * Whether what fails on a destination is a dead letter already: by its name, because the strategy or the broker's policy would put it there again, or
 * because a strategy of any destination says so.
 *
 * @throws what the strategy of the destination throws
 */
export function holdsDeadLetters(
  destination: JmsDestination,
  strategyFor: DeadLetterStrategyLookup,
  subscriber?: DurableSubscriber,
): boolean {
  if (isDeadLetterQueue(formatDestination(destination))) return true;
  const strategy = strategyFor(destination);
  if (isOwnTarget(destination, strategy, subscriber) || strategy.isDeadLetterQueue(destination)) return true;
  return (strategyFor.strategies ?? []).some((other) => isSaidToBeDeadLetterQueue(destination, other));
}

/** A strategy of the user's own need not know an answer for destinations that are not its. */
function isSaidToBeDeadLetterQueue(destination: JmsDestination, strategy: DeadLetterStrategy): boolean {
  try {
    return strategy.isDeadLetterQueue(destination);
  } catch {
    return false;
  }
}
