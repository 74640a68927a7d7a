import { IndividualDeadLetterStrategy } from '../delivery/dead-letter/individual-dead-letter-strategy.js';
import type { DurableSubscriber } from '../delivery/dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyLookup } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import { holdsDeadLetters, isDeadLetterQueue } from '../delivery/dead-letter-queue.js';
import { ConfigurationError } from '../errors/index.js';
import { formatDestination, type JmsDestination } from '../message/destination.js';
import { matchesDestination } from '../message/destination-map.js';

/** A pattern that stands for so many, each the dead letter queue of the one before, stands for all of them: the name grows each time. */
const DEEP_ENOUGH = 3;

/**
 * Refuses a listener with a wildcard that would be given its own dead letters: it would try them again, and keep them in its prefetch. One whose
 * wildcard stands for dead letter queues only is meant to.
 *
 * @param where names the listener
 * @throws ConfigurationError with the destination of such a dead letter
 */
export function assertNoDeadLetterLoop(
  where: string,
  listener: {
    readonly destinations: readonly JmsDestination[];
    readonly deadLetter: DeadLetterStrategyLookup;
    readonly subscriber?: DurableSubscriber;
  },
): void {
  for (const pattern of listener.destinations) {
    const example = { ...pattern, physicalName: pattern.physicalName.replaceAll(/(?<=^|\.)[*>](?=\.|$)/g, 'example') };
    if (holdsDeadLetters(example, listener.deadLetter, listener.subscriber)) continue;
    const [first, ...more] = deadLettersOf(example, listener);
    if (!first || more.length < DEEP_ENOUGH - 1) continue;
    throw new ConfigurationError(
      `${where}: a dead letter of ${formatDestination(example)} goes to ${formatDestination(first)}, which ${formatDestination(pattern)} stands for too: it would come back to this listener, to fail once more. Give the IndividualDeadLetterStrategy a prefix that the listener does not listen to, as in \`queuePrefix: 'DLQ.'\``,
    );
  }
}

/** Where a message goes from one dead letter to the next, as long as it comes back to the listener. */
function deadLettersOf(
  from: JmsDestination,
  { destinations, deadLetter, subscriber }: Parameters<typeof assertNoDeadLetterLoop>[1],
): readonly JmsDestination[] {
  const found: JmsDestination[] = [];
  let at = from;
  while (found.length < DEEP_ENOUGH) {
    const strategy = deadLetter(at);
    // The targets of every other kind are the same for all, and what fails there stays there.
    if (!(strategy instanceof IndividualDeadLetterStrategy)) break;
    const target = strategy.targetFor(at, subscriber);
    if (typeof target !== 'object' || isDeadLetterQueue(formatDestination(target))) break;
    if (!destinations.some((pattern) => matchesDestination(pattern, target))) break;
    found.push(target);
    at = target;
  }
  return found;
}
