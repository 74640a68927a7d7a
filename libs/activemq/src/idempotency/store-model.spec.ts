import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BREAKAGES, brokenStore } from './contract/broken-stores.fixture.js';
import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';
import { followModel, steps } from './store-model.fixture.js';

describe('random interleavings of three actors', () => {
  it('the store in memory has at most one live owner, and stays completed until its ttl', async () => {
    let now = 0;
    const store = new InMemoryIdempotencyStore({ now: () => now });
    let key = 0;
    const run = fc.asyncProperty(steps, async (todo) => {
      await followModel(store, (ms) => void (now += ms), String(key++), todo);
    });
    await expect(fc.assert(run, { numRuns: 3_000 })).resolves.toBeUndefined();
  });

  it.each([
    'it has no lease',
    'it counts no claims',
    'it releases what is not ours',
    'it lets anybody complete',
    'it forgets a completion with the lease',
    'it renews for anybody',
  ])('are enough to find out that %s', async (mistake) => {
    const breakage = BREAKAGES[mistake];
    if (!breakage) throw new Error(`there is no mistake called ${mistake}`);
    const { store, elapse } = brokenStore(breakage);
    let key = 0;
    const run = fc.asyncProperty(steps, async (todo) => followModel(store, elapse, String(key++), todo));
    await expect(fc.assert(run, { numRuns: 3_000 })).rejects.toThrow(/Property failed/);
  });
});
