import type { JmsDestination } from '../message/destination.js';

/**
 * The part of a name that looks like a wildcard and is none: to ActiveMQ `orders*` and `orders.#` are names like any other.
 *
 * @returns the segment; `undefined` when there is none
 */
export function mistakenWildcard({ physicalName }: JmsDestination): string | undefined {
  return physicalName.split('.').find((segment) => !/^[*>]$/.test(segment) && (/[*>]|#$/.test(segment) || segment === '+'));
}

/** What such a part should be. */
export const WILDCARDS = "wildcards are whole segments, `*` for one and a last `>` for all that follow, as in 'orders.*' and 'orders.>'";
