import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { IdempotencyStoreError, RetryingIdempotencyStore } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FaultProxy } from '../../support/fault-proxy.js';
import { RedisServer } from '../../support/redis-server.js';
import { type ClientUnderTest, CLIENTS } from './clients.fixture.js';

const request = (key: string = randomUUID()) => ({ key, token: 'mine', leaseMs: 30_000, ttlMs: 60_000 });

/** Asks until Redis answers; how a listener that pauses finds out. */
async function answers(client: ClientUnderTest): Promise<void> {
  await expect.poll(async () => client.store.ping().then(() => 'answers', String), { timeout: 15_000, interval: 50 }).toBe('answers');
}

describe.each(CLIENTS)('outages of Redis, with a client of %s', (_, make) => {
  let server: RedisServer;
  let client: ClientUnderTest;

  beforeEach(async () => {
    server = await RedisServer.start();
    client = await make(server.url, { timeoutMs: 300 });
  });
  afterEach(async () => {
    client.disconnect();
    await server.stop();
  });

  it('killed: calls fail as an outage within the deadline; back and empty: a running claim is completed as recreated', async () => {
    const claim = { ...request(), result: 'kept' };
    await client.store.claim(claim);
    await server.stop();
    const before = performance.now();
    await expect(client.store.complete(claim)).rejects.toMatchObject({ failure: 'outage', retryable: true, operation: 'complete' });
    await expect(client.store.claim(request())).rejects.toBeInstanceOf(IdempotencyStoreError);
    await expect(client.store.ping()).rejects.toMatchObject({ failure: 'outage' });
    expect(performance.now() - before).toBeLessThan(3_000);
    server = await RedisServer.start({ port: server.port });
    await answers(client);
    expect(await client.store.complete(claim)).toBe('recreated');
    expect(await client.store.claim({ ...claim, token: 'duplicate' })).toEqual({ outcome: 'completed', result: 'kept' });
  });

  it('a duplicate in the gap after an empty restart runs, and the owner learns that it lost', async () => {
    const claim = request();
    await client.store.claim(claim);
    await server.stop();
    server = await RedisServer.start({ port: server.port });
    await answers(client);
    expect(await client.store.claim({ ...claim, token: 'duplicate' })).toEqual({ outcome: 'acquired', claimCount: 1 });
    expect(await client.store.renew(claim)).toBe(false);
    expect(await client.store.complete(claim)).toBe('lost');
    expect(await client.store.complete({ ...claim, token: 'duplicate' })).toBe('completed');
  });

  it('paused: a completion within the budget goes through, and the claim survives', async () => {
    const store = new RetryingIdempotencyStore(client.store, { budgetMs: 10_000 });
    const claim = request();
    await store.claim(claim);
    const admin = new Redis(server.port, '127.0.0.1');
    await admin.client('PAUSE', 1_000);
    admin.disconnect();
    expect(await store.complete(claim)).toBe('completed');
    expect(await store.claim({ ...claim, token: 'duplicate' })).toEqual({ outcome: 'completed' });
  });

  it('paused: a claim that was given up does not block the key when it arrives late, and is not counted', async () => {
    const store = new RetryingIdempotencyStore(client.store, { budgetMs: 0 });
    const claim = request();
    const admin = new Redis(server.port, '127.0.0.1');
    await admin.client('PAUSE', 1_000);
    admin.disconnect();
    await expect(store.claim(claim)).rejects.toMatchObject({ failure: 'outage' });
    await answers(client);
    expect(await store.claim({ ...claim, token: 'next' })).toEqual({ outcome: 'acquired', claimCount: 1 });
  });

  it('hanging: calls time out together, no more than a limit is held, and a ping ends it', async () => {
    const proxy = await FaultProxy.start(server.port);
    const limited = await make(proxy.url, { timeoutMs: 200, maxUnanswered: 50 });
    try {
      await limited.store.open?.();
      proxy.commands.length = 0;
      server.signal('SIGSTOP');
      const calls = async (count: number) => Promise.allSettled(Array.from({ length: count }, async () => limited.store.claim(request())));
      const before = performance.now();
      const first = await calls(50);
      expect(performance.now() - before).toBeLessThan(2_000);
      expect(first.every((call) => call.status === 'rejected' && String(call.reason).includes('no answer within 200 ms'))).toBe(true);
      const atOnce = performance.now();
      const more = await calls(5_000);
      expect(more.every((call) => call.status === 'rejected' && String(call.reason).includes('50 calls are past their deadline'))).toBe(
        true,
      );
      expect(performance.now() - atOnce).toBeLessThan(1_500);
      expect(proxy.commands).toHaveLength(50);
      server.signal('SIGCONT');
      await answers(limited);
      expect(await limited.store.claim(request())).toEqual({ outcome: 'acquired', claimCount: 1 });
    } finally {
      limited.disconnect();
      await proxy.stop();
    }
  });

  it('a primary that became a replica is an outage, and a full one says so; ping tells both', async () => {
    const admin = new Redis(server.port, '127.0.0.1');
    try {
      await admin.replicaof('127.0.0.1', '1');
      await expect(client.store.claim(request())).rejects.toMatchObject({ failure: 'outage', message: /READONLY/ });
      await expect(client.store.ping()).rejects.toMatchObject({ failure: 'outage' });
      await admin.replicaof('NO', 'ONE');
      await client.store.ping();
      await admin.config('SET', 'maxmemory', '1');
      await expect(client.store.claim(request())).rejects.toMatchObject({
        failure: 'full',
        retryable: true,
        message: /Cure: raise `maxmemory`/,
      });
      await expect(client.store.ping()).rejects.toMatchObject({ failure: 'full' });
      await admin.config('SET', 'maxmemory', '0');
      await client.store.ping();
    } finally {
      admin.disconnect();
    }
  });

  it('what is no record of ours is left alone', async () => {
    const admin = new Redis(server.port, '127.0.0.1');
    try {
      await admin.set('amq:idem:text', 'precious');
      await admin.hset('amq:idem:hash', 'precious', 'yes');
      for (const key of ['text', 'hash']) {
        await expect(client.store.claim(request(key))).rejects.toMatchObject({ failure: 'foreign-data', retryable: false });
        await expect(client.store.complete(request(key))).rejects.toMatchObject({ failure: 'foreign-data' });
      }
      expect(await admin.get('amq:idem:text')).toBe('precious');
      expect(await admin.hgetall('amq:idem:hash')).toEqual({ precious: 'yes' });
      expect(await admin.pttl('amq:idem:hash')).toBe(-1);
    } finally {
      admin.disconnect();
    }
  });
});

describe.each(['redis', 'ioredis'] as const)('connections of our own, with %s', (library) => {
  it('are made when Redis comes, and again when it comes back', async () => {
    const server = await RedisServer.start();
    await server.stop();
    const store = redisIdempotencyStore({ url: server.url, library, timeoutMs: 300 });
    await expect(store.claim(request())).rejects.toMatchObject({ failure: 'outage', message: /ECONNREFUSED/ });
    const back = await RedisServer.start({ port: server.port });
    const pings = async () => store.ping().then(() => 'answers', String);
    await expect.poll(pings, { timeout: 15_000, interval: 50 }).toBe('answers');
    await back.stop();
    await expect(store.ping()).rejects.toMatchObject({ failure: 'outage' });
    const again = await RedisServer.start({ port: server.port });
    await expect.poll(pings, { timeout: 15_000, interval: 50 }).toBe('answers');
    await store.close();
    await again.stop();
  });
});
