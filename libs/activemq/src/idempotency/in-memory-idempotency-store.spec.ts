import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { idempotencyStoreContract } from './contract/store-contract.js';
import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';

function clock() {
  const state = { now: 0 };
  return { now: () => state.now, elapse: (ms: number) => void (state.now += ms) };
}

describe('InMemoryIdempotencyStore', () => {
  describe('contract', () => {
    const { now, elapse } = clock();
    const store = new InMemoryIdempotencyStore({ now });
    it.each(idempotencyStoreContract({ store: () => store, elapse }))('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });

  const claim = (key: string) => ({ key, token: 'a', leaseMs: 10, ttlMs: 100 });

  it('fails closed when it is full, and takes claims again when records expire', async () => {
    const { now, elapse } = clock();
    const store = new InMemoryIdempotencyStore({ now, maxRecords: 2 });
    await store.claim(claim('one'));
    await store.claim(claim('two'));
    await store.complete({ key: 'two', token: 'a', ttlMs: 1_000 });
    await expect(store.claim(claim('three'))).rejects.toMatchObject({
      code: 'ERR_AMQ_IDEMPOTENCY_STORE',
      failure: 'full',
      retryable: true,
    });
    await expect(store.complete({ key: 'three', token: 'a', ttlMs: 1_000 })).rejects.toMatchObject({
      operation: 'complete',
      failure: 'full',
    });
    expect(await store.claim(claim('one'))).toEqual({ outcome: 'acquired', claimCount: 1 });
    elapse(111);
    expect(await store.claim(claim('three'))).toEqual({ outcome: 'acquired', claimCount: 1 });
    expect(await store.claim(claim('two'))).toEqual({ outcome: 'completed' });
    expect(store.size).toBe(2);
  });

  it('keeps no more than it is told, however many keys pass', async () => {
    const { now, elapse } = clock();
    const store = new InMemoryIdempotencyStore({ now, maxRecords: 50 });
    for (let n = 0; n < 5_000; n++) {
      await store.claim(claim(String(n)));
      await store.complete({ key: String(n), token: 'a', ttlMs: 40 });
      elapse(1);
      expect(store.size).toBeLessThanOrEqual(50);
    }
  });

  it('uses the time of the process unless told otherwise', async () => {
    const store = new InMemoryIdempotencyStore();
    await store.claim({ ...claim('one'), leaseMs: 60_000, ttlMs: 60_001 });
    const answer = await store.claim({ ...claim('one'), token: 'b' });
    expect(answer).toMatchObject({ outcome: 'in-progress', remainingMs: expect.closeTo(60_000, -4) as number });
  });

  it.each([{ maxRecords: 0 }, { maxRecords: 1.5 }, { maxRecord: 1 }])('refuses %j', (options) => {
    expect(() => new InMemoryIdempotencyStore(options as object)).toThrow(ConfigurationError);
  });
});
