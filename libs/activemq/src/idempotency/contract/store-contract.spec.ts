import { describe, expect, it } from 'vitest';

import { BREAKAGES, brokenStore } from './broken-stores.fixture.js';
import { idempotencyStoreContract } from './store-contract.js';

/** The names of the cases that a store fails. */
async function failuresOf(given: ReturnType<typeof brokenStore>): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of idempotencyStoreContract({ store: () => given.store, elapse: given.elapse })) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

describe('idempotencyStoreContract', () => {
  it('is kept by a store without mistakes', async () => {
    expect(await failuresOf(brokenStore(() => ({})))).toEqual([]);
  });

  it.each(Object.entries(BREAKAGES))('finds out that %s', async (_, breakage) => {
    expect(await failuresOf(brokenStore(breakage))).not.toEqual([]);
  });

  it('has no case that every mistake passes', async () => {
    const found = new Set((await Promise.all(Object.values(BREAKAGES).map(async (one) => failuresOf(brokenStore(one))))).flat());
    const never = idempotencyStoreContract({ store: () => brokenStore(() => ({})).store, elapse: () => undefined })
      .map(({ name }) => name)
      .filter((name) => !found.has(name));
    expect(never).toEqual([]);
  });
});
