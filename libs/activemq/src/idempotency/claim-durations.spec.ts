import { describe, expect, it } from 'vitest';

import { assertClaimDurations } from './claim-durations.js';

describe('assertClaimDurations', () => {
  it('takes a lease below the ttl', () => {
    expect(() => assertClaimDurations('here', { leaseMs: 30_000, completedTtlMs: 86_400_000 })).not.toThrow();
    expect(() => assertClaimDurations('here', { leaseMs: 1, completedTtlMs: 2 })).not.toThrow();
  });

  it.each([
    [30_000, 30_000, /^listener "orders": `leaseMs` \(30000\) is not below `completedTtlMs` \(30000\)/],
    [30_000, 3_600, /duplicate would outlive the record.*Lengthen `completedTtlMs`/],
    [0, 1_000, /^listener "orders": `leaseMs` is 0/],
    [1_000, 0, /^listener "orders": `completedTtlMs` is 0/],
    [0.5, 1_000, /`leaseMs`/],
    [1_000, 1e15, /`completedTtlMs`/],
  ])('refuses a lease of %d ms and a ttl of %d ms', (leaseMs, completedTtlMs, why) => {
    expect(() => assertClaimDurations('listener "orders"', { leaseMs, completedTtlMs })).toThrow(why);
  });
});
