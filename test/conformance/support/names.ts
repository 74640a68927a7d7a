import { randomBytes } from 'node:crypto';

let last = 0;
const RUN = randomBytes(4).toString('hex');

/** A name nobody else uses, in a family: `individual.3f2a91cc.7`. */
export function unique(family = 'plain'): string {
  return `${family}.${RUN}.${++last}`;
}

/** A queue of its own, as STOMP names it. */
export function uniqueQueue(family?: string): string {
  return `/queue/${unique(family)}`;
}

/** A topic of its own, as STOMP names it. */
export function uniqueTopic(family?: string): string {
  return `/topic/${unique(family)}`;
}
