import { isSameBroker, type BrokerUri } from './broker-uri.js';
import type { FailoverUri } from './failover-uri.js';

/** What decides, besides the URL, in which order the brokers of a round are tried. */
export interface RoundHints {
  /** Tried first, when it is in the list. */
  readonly preferred?: BrokerUri | undefined;
  /** The broker whose session was lost last: tried last, as ActiveMQ does also with `randomize=false`. */
  readonly lost?: BrokerUri | undefined;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
}

/**
 * The order of one round: the preferred broker, the priority brokers, the rest (shuffled with `randomize`), the broker lost last.
 *
 * Java connects anywhere first and moves to the priority broker after that; here the move is saved.
 */
export function orderOfRound({ uris, options }: FailoverUri, { preferred, lost, random }: RoundHints): BrokerUri[] {
  const rank = (uri: BrokerUri): number => {
    if (preferred !== undefined && isSameBroker(uri, preferred)) return 0;
    if (lost !== undefined && isSameBroker(uri, lost)) return 3;
    return options.priorityURIs.includes(uri) ? 1 : 2;
  };
  const candidates = options.randomize ? shuffle(uris, random) : [...uris];
  return candidates.sort((a, b) => rank(a) - rank(b));
}

/** A new array in random order, every order equally likely (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const pick = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[pick]] = [shuffled[pick] as T, shuffled[last] as T];
  }
  return shuffled;
}
