import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LeaseLostError } from './lease-lost.error.js';

const leaseMs = 3_000;
const claim = { key: 'k', token: 'a', leaseMs, maxLeaseMs: 60_000 };
const other = { key: 'k', token: 'b', leaseMs, ttlMs: 100_000 };

describe('LeaseKeeper', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function keeping(more: Partial<typeof claim> = {}) {
    const store = new InMemoryIdempotencyStore();
    const renew = vi.spyOn(store, 'renew');
    const keeper = new LeaseKeeper(store);
    await store.claim({ ...claim, ttlMs: 100_000 });
    const lease = keeper.keep({ ...claim, claimedAt: performance.now(), ...more });
    return { store, renew, keeper, lease };
  }

  it('renews at a third of the lease, so that never less than half of it is left', async () => {
    const { store, renew, lease } = await keeping();
    for (let at = 0; at < leaseMs * 5; at += 100) {
      await vi.advanceTimersByTimeAsync(100);
      const answer = await store.claim(other);
      expect(answer.outcome === 'in-progress' && answer.remainingMs).toBeGreaterThan(leaseMs / 2);
    }
    expect(renew.mock.calls.length).toBeGreaterThanOrEqual(11);
    expect(renew.mock.calls.length).toBeLessThanOrEqual(17);
    expect(lease.signal.aborted).toBe(false);
    lease.stop();
  });

  it('has one timer for all leases, and none when they are stopped', async () => {
    const { keeper, lease } = await keeping();
    const more = Array.from({ length: 100 }, (_, n) => keeper.keep({ ...claim, key: String(n), claimedAt: performance.now() }));
    expect(vi.getTimerCount()).toBe(1);
    for (const one of [lease, ...more]) one.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells the handler when another has taken over', async () => {
    const { store, lease } = await keeping();
    await store.release(claim);
    await store.claim(other);
    await vi.advanceTimersByTimeAsync(leaseMs / 2);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(lease.loss).toBe('lost');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells the handler when nobody knows, with the cause, and goes on trying', async () => {
    const { renew, lease } = await keeping();
    const outage = new Error('no Redis');
    renew.mockRejectedValue(outage);
    await vi.advanceTimersByTimeAsync(leaseMs * 0.85);
    expect(lease.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(leaseMs * 0.15);
    expect(lease.signal.reason).toMatchObject({ loss: 'uncertain', cause: outage, retryable: true });
    renew.mockClear();
    await vi.advanceTimersByTimeAsync(leaseMs);
    expect(renew).toHaveBeenCalled();
    lease.stop();
  });

  it('lets a handler that hangs lose its claim after `maxLeaseMs`', async () => {
    const { store, lease } = await keeping({ maxLeaseMs: leaseMs * 2 });
    await vi.advanceTimersByTimeAsync(leaseMs * 2.1);
    expect(lease.loss).toBe('too-long');
    expect((await store.claim(other)).outcome).toBe('in-progress');
    await vi.advanceTimersByTimeAsync(leaseMs);
    expect(await store.claim(other)).toEqual({ outcome: 'acquired', claimCount: 2 });
  });

  it('asks no second time while an answer is due', async () => {
    const { renew, lease } = await keeping();
    renew.mockReturnValue(new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(leaseMs * 2);
    expect(renew).toHaveBeenCalledTimes(1);
    lease.stop();
  });

  it('gives a signal that has fired already to whoever asks late', async () => {
    const { lease } = await keeping({ maxLeaseMs: 100 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lease.signal.aborted).toBe(true);
  });
});
