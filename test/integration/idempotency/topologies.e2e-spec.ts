import { randomUUID } from 'node:crypto';

import { Cluster, Redis } from 'ioredis';
import { type IdempotencyStore, IdempotencyStoreError, RetryingIdempotencyStore } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { createCluster, createSentinel } from 'redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import {
  PRIMARY_NAME,
  type RedisClusterSet,
  type RedisSentinelSet,
  startClusterSet,
  startSentinelSet,
  withRedis,
} from '../../support/redis-topologies.js';

const LIBRARIES = ['redis', 'ioredis'] as const;
const host = '127.0.0.1';
const request = (key: string) => ({ key, token: `mine:${key}`, leaseMs: 60_000, ttlMs: 120_000 });

/** What happened to keys claimed and completed while something else went on. */
interface Load {
  completed: number;
  readonly failed: unknown[];
  readonly recreated: string[];
  readonly keys: string[];
}

/** Claims and completes new keys, some at a time, until told to stop. */
async function loadUntil(store: IdempotencyStore, stopped: () => boolean): Promise<Load> {
  const load: Load = { completed: 0, failed: [], recreated: [], keys: [] };
  const consumer = async () => {
    while (!stopped()) {
      const claim = request(randomUUID());
      try {
        expect((await store.claim(claim)).outcome).toBe('acquired');
        const answer = await store.complete(claim);
        if (answer === 'recreated') load.recreated.push(claim.key);
        load.completed++;
        load.keys.push(claim.key);
      } catch (error) {
        load.failed.push(error);
      }
      // Else a store that answers within microtasks would starve the timers.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: 8 }, consumer));
  return load;
}

describe('Sentinel', () => {
  let set: RedisSentinelSet;
  beforeAll(async () => (set = await startSentinelSet()));
  afterAll(async () => set.stop());

  it.each(LIBRARIES)('a failover under load: no call hangs, claims go on at the new primary (%s)', async (library) => {
    const nodes = set.sentinels.map(({ port }) => ({ host, port }));
    const own = redisIdempotencyStore({ sentinel: { name: PRIMARY_NAME, nodes }, library, timeoutMs: 500 });
    const store = new RetryingIdempotencyStore(own, { budgetMs: 20_000 });
    // A new client may be told of the failover of the test before, and leaves the connection it has just made.
    await vi.waitFor(() => store.open(), 10_000);
    let stop = false;
    const load = loadUntil(store, () => stop);
    await set.failOver();
    // The primary of before runs on and takes writes: whoever stays with it claims what another may claim too. The Sentinels' word takes a moment.
    await vi.waitFor(async () => {
      const key = randomUUID();
      expect((await store.claim(request(key))).outcome).toBe('acquired');
      expect(await withRedis(await set.primaryPort(), async (redis) => redis.exists(`amq:idem:${key}`))).toBe(1);
    }, 10_000);
    stop = true;
    const { completed, failed } = await load;
    expect(completed).toBeGreaterThan(10);
    expect(failed.filter((error) => !(error instanceof IdempotencyStoreError))).toEqual([]);
    await store.close();
    await set.heal();
  });

  it('works with the users own clients', async () => {
    const sentinels = set.sentinels.map(({ port }) => ({ host, port }));
    const nodeRedis = createSentinel({ name: PRIMARY_NAME, sentinelRootNodes: sentinels });
    nodeRedis.on('error', () => undefined);
    await nodeRedis.connect();
    const ioRedis = new Redis({ name: PRIMARY_NAME, sentinels });
    try {
      const onWarning = vi.fn<(message: string) => void>();
      const [one, two] = [redisIdempotencyStore(nodeRedis, { onWarning }), redisIdempotencyStore(ioRedis, { onWarning })];
      await one.open();
      expect(onWarning).not.toHaveBeenCalled();
      await two.open();
      expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('failoverDetector: true'));
      const claim = request(randomUUID());
      expect(await one.claim(claim)).toEqual({ outcome: 'acquired', claimCount: 1 });
      expect(await two.claim({ ...claim, token: 'other' })).toMatchObject({ outcome: 'in-progress' });
    } finally {
      await nodeRedis.close();
      ioRedis.disconnect();
    }
  });
});

describe('Cluster', () => {
  let set: RedisClusterSet;
  beforeAll(async () => (set = await startClusterSet()));
  afterAll(async () => set.stop());

  it.each(LIBRARIES)('slots that move under load: every key is owned once, nothing hangs, no CROSSSLOT (%s)', async (library) => {
    const nodes = set.servers.map(({ port }) => ({ host, port }));
    const own = redisIdempotencyStore({ cluster: { nodes }, library });
    const store = new RetryingIdempotencyStore(own);
    await store.open();
    const kept = Array.from({ length: 300 }, () => randomUUID());
    await Promise.all(kept.map(async (key) => store.claim(request(key))));
    let stop = false;
    const load = loadUntil(store, () => stop);
    const [from, to] = library === 'redis' ? [set.servers[0], set.servers[1]] : [set.servers[1], set.servers[2]];
    const moving = (await set.slotsOf(kept.map((key) => `amq:idem:${key}`))).filter((slot) => set.ownerOf(slot) === from);
    // Some of them: each takes its time.
    for (const slot of [...new Set(moving)].slice(0, 25)) await set.moveSlot(slot, from, to);
    stop = true;
    const { failed, recreated, completed, keys } = await load;
    expect(failed).toEqual([]);
    expect(recreated).toEqual([]);
    expect(completed).toBeGreaterThan(50);
    const others = await Promise.all(kept.map(async (key) => store.claim({ ...request(key), token: 'other' })));
    expect(others.every(({ outcome }) => outcome === 'in-progress')).toBe(true);
    expect(await Promise.all(kept.map(async (key) => store.complete(request(key))))).toEqual(kept.map(() => 'completed'));
    const done = await Promise.all(keys.map(async (key) => store.claim({ ...request(key), token: 'other' })));
    expect(done.every(({ outcome }) => outcome === 'completed')).toBe(true);
    await store.close();
  });

  it('works with the users own clients', async () => {
    const nodeRedis = createCluster({ rootNodes: set.servers.map(({ url }) => ({ url })) });
    await nodeRedis.connect();
    const ioRedis = new Cluster(set.servers.map(({ port }) => ({ host, port })));
    try {
      const [one, two] = [redisIdempotencyStore(nodeRedis), redisIdempotencyStore(ioRedis)];
      await one.open();
      await two.open();
      await two.ping();
      for (const key of Array.from({ length: 20 }, () => randomUUID())) {
        expect(await one.claim(request(key))).toEqual({ outcome: 'acquired', claimCount: 1 });
        expect(await two.claim({ ...request(key), token: 'other' })).toMatchObject({ outcome: 'in-progress' });
      }
    } finally {
      await nodeRedis.close();
      ioRedis.disconnect();
    }
  });
});
