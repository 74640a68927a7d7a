import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { FaultProxy } from '../../support/fault-proxy.js';
import { RedisServer } from '../../support/redis-server.js';
import { type ClientUnderTest, CLIENTS } from './clients.fixture.js';

describe.each(CLIENTS)('what goes over the wire, with a client of %s', (_, make) => {
  let server: RedisServer;
  let admin: Redis;
  let proxy: FaultProxy;
  let client: ClientUnderTest;

  beforeAll(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.port, '127.0.0.1');
    proxy = await FaultProxy.start(server.port);
    client = await make(proxy.url);
    await client.store.open?.();
  });
  afterAll(async () => {
    client.disconnect();
    admin.disconnect();
    await proxy.stop();
    await server.stop();
  });
  beforeEach(() => void (proxy.commands.length = proxy.packetsBack = 0));

  const request = (key: string = randomUUID()) => ({ key, token: 'mine', leaseMs: 30_000, ttlMs: 60_000 });

  it('a fresh message takes two round trips, a duplicate one, a renewal one', async () => {
    const claim = request();
    await client.store.claim(claim);
    await client.store.complete(claim);
    expect(proxy.commands).toHaveLength(2);
    expect(proxy.packetsBack).toBe(2);
    await client.store.claim({ ...claim, token: 'duplicate' });
    expect(proxy.commands).toHaveLength(3);
    await client.store.renew(claim);
    expect(proxy.commands).toHaveLength(4);
    expect(proxy.commands.every((command) => command.startsWith('EVALSHA '))).toBe(true);
  });

  it('a thousand messages at once take two thousand commands, in far fewer packets', async () => {
    await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const claim = request();
        await client.store.claim(claim);
        await client.store.complete(claim);
      }),
    );
    expect(proxy.commands).toHaveLength(2_000);
    expect(proxy.packetsBack).toBeLessThan(500);
  });

  it('of 500 claims at once over two connections exactly one is acquired', async () => {
    const second = await make(server.url);
    try {
      const { key } = request();
      const answers = await Promise.all(
        Array.from({ length: 500 }, async (_, n) => (n % 2 ? client : second).store.claim({ ...request(key), token: `token-${n}` })),
      );
      expect(answers.filter(({ outcome }) => outcome === 'acquired')).toHaveLength(1);
      expect(answers.filter(({ outcome }) => outcome === 'in-progress')).toHaveLength(499);
    } finally {
      second.disconnect();
    }
  });

  it('scripts that Redis forgot are sent once more, and calls in between notice nothing', async () => {
    for (let round = 0; round < 20; round++) {
      const claim = request();
      const [answer] = await Promise.all([client.store.claim(claim), admin.script('FLUSH', 'ASYNC')]);
      expect(answer).toEqual({ outcome: 'acquired', claimCount: 1 });
      await admin.script('FLUSH');
      expect(await client.store.complete(claim)).toBe('completed');
    }
    expect(proxy.commands.filter((command) => command.startsWith('EVAL ')).length).toBeGreaterThanOrEqual(20);
    expect(proxy.commands.some((command) => command.startsWith('SCRIPT'))).toBe(false);
  });

  it('a record takes about 200 bytes', async () => {
    const keys = Array.from({ length: 200 }, () => `orders:${randomUUID()}`);
    for (const key of keys) {
      await client.store.claim(request(key));
      await client.store.complete(request(key));
    }
    const bytes = await Promise.all(keys.map(async (key) => Number(await admin.memory('USAGE', `amq:idem:${key}`))));
    const mean = bytes.reduce((sum, one) => sum + one, 0) / bytes.length;
    expect(mean).toBeGreaterThan(100);
    expect(mean).toBeLessThan(220);
  });
});
