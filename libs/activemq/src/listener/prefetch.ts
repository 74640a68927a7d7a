/** Enough to keep one slot busy over the broker's round trip; beyond 100 ActiveMQ was seen to stall. */
const PREFETCH_PER_SLOT = 10;
const LARGEST_DERIVED_PREFETCH = 100;
/** ActiveMQ counts a larger one as none. */
export const LARGEST_PREFETCH = 32_766;

/**
 * The messages that the broker is asked to send ahead: what was asked for, or 10 for each slot and 100 at most; in any case enough to fill the
 * slots, and their batches.
 */
export function prefetchFor(
  concurrency: number,
  { prefetch, batchSize = 1 }: { readonly prefetch?: number; readonly batchSize?: number },
): number {
  const needed = concurrency * batchSize;
  if (prefetch !== undefined) return Math.min(Math.max(needed, prefetch), LARGEST_PREFETCH);
  const derived = Math.max(needed, Math.min(concurrency * PREFETCH_PER_SLOT, LARGEST_DERIVED_PREFETCH));
  // The next batch comes while one is handled.
  return Math.min(batchSize > 1 ? Math.max(derived, 2 * needed) : derived, LARGEST_PREFETCH);
}
