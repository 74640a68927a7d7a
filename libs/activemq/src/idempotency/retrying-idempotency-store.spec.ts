import { describe, expect, it, vi } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { idempotencyStoreContract } from './contract/store-contract.js';
import { IdempotencyStoreError, type IdempotencyStoreFailure } from './idempotency-store.error.js';
import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';
import { RetryingIdempotencyStore } from './retrying-idempotency-store.js';

const request = { key: 'k', token: 'a', leaseMs: 1_000, ttlMs: 10_000 };
const failing = (failure: IdempotencyStoreFailure) => new IdempotencyStoreError('no', 'claim', failure);

describe('RetryingIdempotencyStore', () => {
  describe('contract', () => {
    let now = 0;
    const store = new RetryingIdempotencyStore(new InMemoryIdempotencyStore({ now: () => now }));
    it.each(idempotencyStoreContract({ store: () => store, elapse: (ms) => void (now += ms) }))('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });

  it('repeats a call with the same token, so that a lost answer is given again', async () => {
    const good = new InMemoryIdempotencyStore();
    const claim = vi.spyOn(good, 'claim').mockImplementationOnce(async (given) => {
      await InMemoryIdempotencyStore.prototype.claim.call(good, given);
      throw failing('outage');
    });
    const onRetry = vi.fn<(error: IdempotencyStoreError) => void>();
    const store = new RetryingIdempotencyStore(good, { onRetry });
    expect(await store.claim(request)).toEqual({ outcome: 'acquired', claimCount: 1 });
    expect(claim).toHaveBeenCalledTimes(2);
    expect(onRetry).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ failure: 'outage' }));
  });

  it('gives up within its budget, with the last error', async () => {
    const good = new InMemoryIdempotencyStore();
    const complete = vi.spyOn(good, 'complete').mockRejectedValue(failing('outage'));
    const store = new RetryingIdempotencyStore(good, { budgetMs: 200 });
    const start = performance.now();
    await expect(store.complete(request)).rejects.toMatchObject({ failure: 'outage', retryable: true });
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(complete.mock.calls.length).toBeGreaterThan(1);
  });

  it('releases a claim that it gives up, which the store may have taken', async () => {
    const good = new InMemoryIdempotencyStore();
    vi.spyOn(good, 'claim').mockImplementationOnce(async (given) => {
      await InMemoryIdempotencyStore.prototype.claim.call(good, given);
      throw failing('outage');
    });
    const store = new RetryingIdempotencyStore(good, { budgetMs: 0 });
    await expect(store.claim(request)).rejects.toMatchObject({ failure: 'outage' });
    expect(await store.claim({ ...request, token: 'b' })).toEqual({ outcome: 'acquired', claimCount: 1 });
  });

  it('tells of a claim that could not be released either', async () => {
    const good = new InMemoryIdempotencyStore();
    vi.spyOn(good, 'claim').mockRejectedValue(failing('outage'));
    vi.spyOn(good, 'release').mockRejectedValue(failing('outage'));
    const onRetry = vi.fn<(error: IdempotencyStoreError) => void>();
    await expect(new RetryingIdempotencyStore(good, { budgetMs: 0, onRetry }).claim(request)).rejects.toThrow('no');
    await expect.poll(() => onRetry.mock.calls).toMatchObject([[{ failure: 'outage' }]]);
  });

  it.each(['full', 'refused', 'foreign-data'] as const)('does not repeat what failed for %s', async (failure) => {
    const good = new InMemoryIdempotencyStore();
    const claim = vi.spyOn(good, 'claim').mockRejectedValue(failing(failure));
    await expect(new RetryingIdempotencyStore(good).claim(request)).rejects.toMatchObject({ failure });
    expect(claim).toHaveBeenCalledTimes(1);
  });

  it('repeats neither renewals nor pings', async () => {
    const good = new InMemoryIdempotencyStore();
    const renew = vi.spyOn(good, 'renew').mockRejectedValue(failing('outage'));
    const ping = vi.spyOn(good, 'ping').mockRejectedValue(failing('outage'));
    const store = new RetryingIdempotencyStore(good);
    await expect(store.renew(request)).rejects.toThrow('no');
    await expect(store.ping()).rejects.toThrow('no');
    expect(renew).toHaveBeenCalledTimes(1);
    expect(ping).toHaveBeenCalledTimes(1);
  });

  it('opens and closes the store underneath', async () => {
    const open = vi.fn<() => Promise<void>>();
    const close = vi.fn<() => Promise<void>>();
    const store = new RetryingIdempotencyStore(Object.assign(new InMemoryIdempotencyStore(), { open, close }));
    await store.open();
    await store.close();
    expect([open.mock.calls.length, close.mock.calls.length]).toEqual([1, 1]);
    await new RetryingIdempotencyStore(new InMemoryIdempotencyStore()).open();
  });

  it.each([{ budgetMs: -1 }, { budget: 1 }])('refuses %j', (options) => {
    expect(() => new RetryingIdempotencyStore(new InMemoryIdempotencyStore(), options as object)).toThrow(ConfigurationError);
  });
});
