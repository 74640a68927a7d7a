import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { type IdempotencyStore, idempotencyStoreContract } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { RedisServer } from '../../support/redis-server.js';
import { type ClientUnderTest, CLIENTS, elapseOn } from './clients.fixture.js';

describe('the contract, on Redis', () => {
  let server: RedisServer;
  let admin: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.port, '127.0.0.1');
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  describe.each(CLIENTS)('with a client of %s', (_, make) => {
    let client: ClientUnderTest;
    beforeAll(async () => (client = await make(server.url)));
    afterAll(() => client.disconnect());

    // Leases of minutes, and minutes taken from every key: nothing waits, and a slow machine is not late.
    const contract = idempotencyStoreContract({ store: () => client.store, elapse: async (ms) => elapseOn(admin, ms), leaseMs: 600_000 });
    it.each(contract)('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });

  it.each(['redis', 'ioredis'] as const)('a lease ends by itself, on our own connection of %s', async (library) => {
    const store: IdempotencyStore = redisIdempotencyStore({ url: server.url, library });
    try {
      await store.open?.();
      const request = { key: randomUUID(), token: 'a', leaseMs: 300, ttlMs: 60_000 };
      const before = performance.now();
      await store.claim(request);
      let answer = await store.claim({ ...request, token: 'b' });
      while (answer.outcome === 'in-progress') {
        await delay(answer.remainingMs);
        answer = await store.claim({ ...request, token: 'b' });
      }
      expect(answer).toEqual({ outcome: 'acquired', claimCount: 2 });
      expect(performance.now() - before).toBeGreaterThanOrEqual(299);
    } finally {
      await store.close?.();
    }
  });

  it.each(CLIENTS)('a client of %s is never closed', async (_, make) => {
    const client = await make(server.url);
    await client.store.close?.();
    await client.store.ping();
    client.disconnect();
    await expect(client.store.ping()).rejects.toMatchObject({ failure: 'outage', operation: 'ping' });
  });
});
