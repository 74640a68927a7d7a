import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { type ClaimAnswer, type IdempotencyStore } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { RedisServer } from '../../support/redis-server.js';
import { startWorker, type Worker } from './worker.fixture.js';

const leaseMs = 1_000;
const request = (key: string = randomUUID()) => ({ key, token: 'worker', leaseMs, ttlMs: 60_000 });
const ours = (claim: ReturnType<typeof request>) => ({ ...claim, token: 'test' });

describe('workers that crash, hang and stop', () => {
  let server: RedisServer;
  let redis: Redis;
  let store: IdempotencyStore;
  const workers: Worker[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
    await Promise.all([worker(0), worker(1)]);
    redis = new Redis(server.port, '127.0.0.1');
    store = redisIdempotencyStore(redis);
  });
  afterAll(async () => {
    redis.disconnect();
    await Promise.all(workers.map(async (one) => one.kill()));
    await server.stop();
  });
  /** Starting one takes seconds: tests share two, and who kills one is given another in its place. */
  async function worker(n: 0 | 1 = 0): Promise<Worker> {
    const living = workers[n];
    if (living?.alive) return living;
    const started = await startWorker(server.url);
    workers[n] = started;
    return started;
  }

  /** Claims as a message does that is deferred each time for what is left of the lease. */
  async function claimInTheEnd(claim: ReturnType<typeof request>): Promise<ClaimAnswer> {
    for (;;) {
      const answer = await store.claim(ours(claim));
      if (answer.outcome !== 'in-progress') return answer;
      await delay(answer.remainingMs);
    }
  }

  it('a handler of five leases keeps its claim, with more than half of the lease left at any time', async () => {
    const owner = await worker();
    const claim = request();
    await owner.order({ do: 'claim', request: claim });
    await owner.order({ do: 'keep', request: claim });
    const left: number[] = [];
    for (const end = performance.now() + leaseMs * 5; performance.now() < end; await delay(20)) {
      const answer = await store.claim(ours(claim));
      left.push(answer.outcome === 'in-progress' ? answer.remainingMs : 0);
    }
    expect(Math.min(...left)).toBeGreaterThan(leaseMs / 2);
    expect(await owner.order({ do: 'stop keeping' })).toBe('kept');
    expect(await owner.order({ do: 'complete', request: claim })).toBe('completed');
  });

  it('an event loop blocked for one and a half leases: taken over, and the late owner changes nothing', async () => {
    const owner = await worker();
    const claim = request();
    await owner.order({ do: 'claim', request: claim });
    await owner.order({ do: 'keep', request: claim });
    const blocked = owner.order({ do: 'block', ms: leaseMs * 1.5 });
    expect(await claimInTheEnd(claim)).toEqual({ outcome: 'acquired', claimCount: 2 });
    await blocked;
    expect(await owner.order({ do: 'complete', request: claim })).toBe('lost');
    expect(await owner.order({ do: 'release', request: claim })).toBe(false);
    expect(await owner.order({ do: 'renew', request: claim })).toBe(false);
    expect(await store.claim({ ...claim, token: 'third' })).toMatchObject({ outcome: 'in-progress' });
    expect(await store.complete(ours(claim))).toBe('completed');
  });

  it('SIGSTOP for two leases, then SIGCONT: lost for the worker, completed once', async () => {
    const owner = await worker();
    const claim = request();
    await owner.order({ do: 'claim', request: claim });
    await owner.order({ do: 'keep', request: claim });
    process.kill(owner.pid, 'SIGSTOP');
    const stopped = performance.now();
    expect(await claimInTheEnd(claim)).toEqual({ outcome: 'acquired', claimCount: 2 });
    expect(await store.complete(ours(claim))).toBe('completed');
    await delay(leaseMs * 2 - (performance.now() - stopped));
    process.kill(owner.pid, 'SIGCONT');
    expect(await owner.order({ do: 'complete', request: claim })).toBe('lost');
    expect(['lost', 'uncertain']).toContain(await owner.order({ do: 'stop keeping' }));
    expect(await store.claim({ ...claim, token: 'third' })).toEqual({ outcome: 'completed' });
  });

  it('wall clocks that are an hour wrong change nothing', async () => {
    const [late, early] = [await worker(0), await worker(1)];
    await late.order({ do: 'set clock', byMs: -3_600_000 });
    await early.order({ do: 'set clock', byMs: 3_600_000 });
    for (const [owner, other] of [[late, early] as const, [early, late] as const]) {
      const claim = request();
      expect(await owner.order({ do: 'claim', request: claim })).toEqual({ outcome: 'acquired', claimCount: 1 });
      const answer = (await other.order({ do: 'claim', request: ours(claim) })) as { outcome: string; remainingMs: number };
      expect(answer.outcome).toBe('in-progress');
      expect(answer.remainingMs).toBeLessThanOrEqual(leaseMs);
      expect(await claimInTheEnd(claim)).toEqual({ outcome: 'acquired', claimCount: 2 });
    }
  });

  it('two processes with the same 10 000 messages: every side effect exactly once', async () => {
    const keys = Array.from({ length: 10_000 }, () => randomUUID());
    const [one, two] = [await worker(0), await worker(1)];
    const handled = await Promise.all([one.order({ do: 'handle', keys }), two.order({ do: 'handle', keys })]);
    expect(Number(handled[0]) + Number(handled[1])).toBe(10_000);
    expect(Math.min(...handled.map(Number))).toBeGreaterThan(0);
    const effects = await redis.mget(keys.map((key) => `effect:${key}`));
    expect(effects.every((count) => count === '1')).toBe(true);
  });

  it('kill -9 while handling: another takes over when the lease ends, never before, and sees the crash counted', async () => {
    const owner = await worker(1);
    const claim = request();
    const before = performance.now();
    expect(await owner.order({ do: 'claim', request: claim })).toEqual({ outcome: 'acquired', claimCount: 1 });
    const after = performance.now();
    await owner.kill();
    expect(await claimInTheEnd(claim)).toEqual({ outcome: 'acquired', claimCount: 2 });
    expect(performance.now() - before).toBeGreaterThanOrEqual(leaseMs - 1);
    expect(performance.now() - after).toBeLessThan(leaseMs + 500);
  });

  it('kill -9 after completing, before acknowledging: it is not handled again', async () => {
    const owner = await worker();
    const claim = request();
    await owner.order({ do: 'claim', request: claim });
    expect(await owner.order({ do: 'complete', request: claim })).toBe('completed');
    await owner.kill();
    expect(await store.claim(ours(claim))).toEqual({ outcome: 'completed' });
  });
});
