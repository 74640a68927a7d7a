import { ConfigurationError } from '../errors/index.js';
import { type DestinationType, isPattern, type JmsDestination } from '../message/destination.js';
import type { JmsMessage } from '../message/jms-message.js';
import { holdsDeadLetters } from './dead-letter-queue.js';
import { whyNoName } from './dead-letter/dead-letter-name.js';
import type { DeadLetterStrategy, DeadLetterTarget, DurableSubscriber } from './dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyLookup } from './dead-letter/dead-letter-strategy-map.js';
import type { Verdict } from './delivery-memory.js';
import { isNonPersistent } from './received-message.js';

const TYPES: ReadonlySet<DestinationType | undefined> = new Set<DestinationType>(['queue', 'topic', 'temp-queue', 'temp-topic']);

/** Where what is given up on a destination is to go. */
export interface DeadLetterPlacement {
  readonly strategy: DeadLetterStrategy;
  readonly target: DeadLetterTarget;
  /** Whether what lies on the destination is a dead letter already. */
  readonly isDeadLetter: boolean;
}

/**
 * Asks the strategy of a destination.
 *
 * @throws what the strategy throws; ConfigurationError when its answer is no target
 */
export function placementOf(
  destination: JmsDestination,
  strategyFor: DeadLetterStrategyLookup,
  subscriber: DurableSubscriber | undefined,
): DeadLetterPlacement {
  const strategy = strategyFor(destination);
  const target = strategy.targetFor(destination, subscriber);
  assertTarget(target);
  return { strategy, target, isDeadLetter: holdsDeadLetters(destination, strategyFor, subscriber) };
}

/** Why there is to be no dead letter; `undefined` when there is. What the broker is asked to dead-letter is the broker's to drop. */
export function whyDropped(
  strategy: DeadLetterStrategy,
  target: DeadLetterTarget,
  message: JmsMessage,
  { isExpired = false }: Verdict,
): string | undefined {
  if (target === 'discard') return 'its strategy has no dead letters';
  if (isExpired && !strategy.processExpired) return '`processExpired` of its strategy is false';
  if (target === 'broker' || strategy.processNonPersistent || !isNonPersistent(message)) return undefined;
  return 'it is not persistent, and `processNonPersistent` of its strategy is false';
}

/** A strategy may be JavaScript of the user's own. */
function assertTarget(target: unknown): asserts target is DeadLetterTarget {
  if (target === 'broker' || target === 'discard') return;
  const { type, physicalName } = (target ?? {}) as Partial<JmsDestination>;
  const cure = "return { type: 'queue', physicalName: 'orders.DLQ' }, 'broker' or 'discard'";
  if (!TYPES.has(type) || typeof physicalName !== 'string' || physicalName.trim() === '') {
    throw new ConfigurationError(`its \`targetFor\` returned no destination; ${cure}`);
  }
  const why = isPattern([{ type: 'queue', physicalName }])
    ? 'a wildcard: nobody can tell where the dead letter would be'
    : whyNoName(physicalName);
  if (why === undefined) return;
  throw new ConfigurationError(
    `its \`targetFor\` returned a \`physicalName\` ${JSON.stringify(physicalName.slice(0, 200))}, which has ${why}; ${cure}`,
  );
}
