import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { ConfigurationError } from 'nestjs-activemq';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { RedisServer } from '../../support/redis-server.js';

describe.each(['redis', 'ioredis'] as const)('start-up checks, on connections of our own with %s', (library) => {
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
  afterEach(async () => {
    await admin.config('SET', 'maxmemory', '0');
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.replicaof('NO', 'ONE');
  });

  /** What opening a store rejects with, or undefined. */
  async function refusal(more: Partial<Parameters<typeof redisIdempotencyStore>[0]> & object = {}): Promise<unknown> {
    const store = redisIdempotencyStore({ url: server.url, library, ...more });
    try {
      return await store.open().catch((error: unknown) => error);
    } finally {
      await store.close();
    }
  }

  const rules = (more: string) => `on >secret ~amq:idem:* +@connection +info ${more}`.split(' ');
  const SCRIPTS = '+evalsha +eval +hmget +hset +hdel +pexpire +pttl +exists +del';

  it('a Redis that does its part passes, and keeps nothing of the trial', async () => {
    expect(await refusal()).toBeUndefined();
    await expect.poll(async () => admin.keys('*')).toEqual([]);
  });

  it.each(['allkeys-lru', 'volatile-ttl'])(
    'an eviction policy of %s is refused, unless it is accepted or cannot strike',
    async (policy) => {
      await admin.config('SET', 'maxmemory-policy', policy);
      expect(await refusal()).toBeUndefined();
      await admin.config('SET', 'maxmemory', '100mb');
      const error = await refusal();
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(String(error)).toMatch(new RegExp(`may evict records.*${policy}.*Cure: CONFIG SET maxmemory-policy noeviction`));
      const onWarning = vi.fn<(message: string) => void>();
      expect(await refusal({ allowEviction: true, onWarning })).toBeUndefined();
      expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(policy));
    },
  );

  it('a user with the commands of the scripts, without SCRIPT LOAD, passes', async () => {
    await admin.acl('SETUSER', 'enough', ...rules(SCRIPTS));
    const own = { username: 'enough', password: 'secret' };
    expect(await refusal(own)).toBeUndefined();
    const store = redisIdempotencyStore({ url: server.url, library, ...own });
    await admin.script('FLUSH');
    expect(await store.claim({ key: randomUUID(), token: 'a', leaseMs: 1_000, ttlMs: 2_000 })).toMatchObject({ outcome: 'acquired' });
    await store.close();
  });

  it.each([
    ['scripts', '-@all +@connection +info', /evalsha/],
    ['a command of the scripts', SCRIPTS.replace('+pexpire ', ''), /can't run this command/],
    ['our keys', `${SCRIPTS} resetkeys ~other:*`, /key/],
    ['INFO', `${SCRIPTS} -info`, /info/],
  ])('a user without the right to %s is refused, with what to grant', async (_, more, why) => {
    const username = `user-${randomUUID()}`;
    await admin.acl('SETUSER', username, ...rules(more));
    const error = await refusal({ username, password: 'secret' });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toMatch(why);
    expect(String(error)).toContain('Cure: ACL SETUSER <user> ~amq:idem:* +evalsha +eval +hmget');
  });

  it('wrong credentials are refused, and not shown', async () => {
    const error = await refusal({ username: 'nobody', password: 'opensesame' });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toMatch(/WRONGPASS|NOAUTH/);
    expect(String(error)).not.toContain('opensesame');
  });

  it('a replica is refused', async () => {
    await admin.replicaof('127.0.0.1', '1');
    const error = await refusal();
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toMatch(/is a replica of 127\.0\.0\.1:1 .*Cure: connect to the primary/);
  });

  it('a node of a cluster is refused for a single client, and a cluster that misses slots for any', async () => {
    const node = await RedisServer.start({
      config: ['cluster-enabled yes', 'cluster-require-full-coverage no', 'cluster-announce-ip 127.0.0.1'],
    });
    const of = new Redis(node.port, '127.0.0.1');
    try {
      await of.call('CLUSTER', 'ADDSLOTSRANGE', '0', '9999');
      expect(String(await refusal({ url: node.url }))).toMatch(/is a node of a cluster.*Cure: `cluster`/);
      const cluster = { nodes: [{ host: '127.0.0.1', port: node.port }] };
      const error = await refusal({ url: undefined, cluster });
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(String(error)).toMatch(/10000 of 16384 slots are assigned.*Cure: redis-cli --cluster fix/);
    } finally {
      of.disconnect();
      await node.stop();
    }
  });

  it('nobody there is an outage, not a mistake: it may come', async () => {
    const gone = await RedisServer.start();
    await gone.stop();
    expect(await refusal({ url: gone.url })).toMatchObject({ failure: 'outage', operation: 'open', message: /ECONNREFUSED/ });
  });
});
