import { ConfigurationError } from '../errors/index.js';
import { assertInteger } from '../validation/index.js';

/** A century, in ms: what is longer was meant in another unit, and stays exact in every store. */
const LONGEST_MS = 3_155_760_000_000;

/** How long claims and completions hold. */
export interface ClaimDurations {
  /** In ms; how long a claim holds without being renewed. */
  readonly leaseMs: number;
  /** In ms; how long a completed message is recognised. */
  readonly completedTtlMs: number;
}

/**
 * Refuses durations under which duplicates would slip through; meant for start-up.
 *
 * @param where names the listener or store
 * @throws ConfigurationError naming the option and the cure
 */
export function assertClaimDurations(where: string, { leaseMs, completedTtlMs }: ClaimDurations): void {
  assertInteger(where, 'leaseMs', leaseMs, { min: 1, max: LONGEST_MS });
  assertInteger(where, 'completedTtlMs', completedTtlMs, { min: 1, max: LONGEST_MS });
  if (leaseMs >= completedTtlMs) {
    throw new ConfigurationError(
      `${where}: \`leaseMs\` (${leaseMs}) is not below \`completedTtlMs\` (${completedTtlMs}): a duplicate would outlive the record. ` +
        'Lengthen `completedTtlMs` beyond the time in which duplicates may come, or shorten the lease: it is renewed while the handler runs',
    );
  }
}
