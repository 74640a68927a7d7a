import { describe, expect, it, vi } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { redisIdempotencyStore } from './redis-idempotency-store.factory.js';

const url = 'redis://user:opensesame@localhost:1';

describe('redisIdempotencyStore', () => {
  it.each([
    [{}, /exactly one of `url`, `sentinel` and `cluster`/],
    [{ url, cluster: { nodes: [{ host: 'h' }] } }, /exactly one/],
    [{ url: 'http://opensesame' }, /`url` is no URL of Redis/],
    [{ url: 5 }, /`url` is no URL of Redis/],
    [{ uri: url }, /unknown option `uri`. Did you mean `url`/],
    [{ url, library: 'valkey' }, /`library` is "valkey"; it must be one of redis, ioredis/],
    [{ sentinel: { name: '', nodes: [{ host: 'h' }] } }, /`name` must be a text/],
    [{ sentinel: { name: 'p', nodes: [] } }, /`nodes` must list at least one/],
    [{ cluster: { nodes: [{ host: 'h', port: 0 }] } }, /`nodes\[0\]`: `port` is 0/],
    [{ cluster: { nodes: [{ hostname: 'h' }] } }, /unknown option `hostname`/],
    [{ url, timeoutMs: 0 }, /`timeoutMs` is 0/],
    [{ url, keyPrefix: '' }, /`keyPrefix` must be a text/],
    [{ url, maxUnanswered: 0.5 }, /`maxUnanswered`/],
    [{ url, allowEviction: 'yes' }, /`allowEviction` must be true or false/],
    [{ url, onWarning: 'log' }, /`onWarning` must be a function/],
    [null, /give it a client of node-redis or ioredis/],
    ['redis://localhost', /give it a client of node-redis or ioredis/],
  ])('refuses %j', (options, why) => {
    const make = () => redisIdempotencyStore(options as never);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(why);
    expect(make).not.toThrow(/opensesame/);
  });

  it('refuses connection options beside a client', () => {
    const client = { evalSha: vi.fn<() => Promise<unknown>>(), eval: vi.fn<() => Promise<unknown>>() };
    expect(() => redisIdempotencyStore(client, { url } as object)).toThrow(/unknown option `url`/);
  });

  it('switches off the limit per command of node-redis, and type mappings made for others', () => {
    const withCommandOptions = vi.fn<(options: object) => unknown>();
    redisIdempotencyStore({ evalSha: vi.fn<() => Promise<unknown>>(), eval: vi.fn<() => Promise<unknown>>(), withCommandOptions } as never);
    expect(withCommandOptions).toHaveBeenCalledExactlyOnceWith({ timeout: undefined, typeMapping: {} });
  });

  it.each([
    ['claim', ['WHAT']],
    ['claim', 'QUEUED'],
    ['complete', null],
    ['renew', 'OK'],
    ['release', 7],
  ] as const)('%s fails when it is answered with %j', async (operation, reply) => {
    const answer = async () => reply;
    const store = redisIdempotencyStore({ evalsha: answer, eval: answer });
    const call = store[operation]({ key: 'k', token: 't', leaseMs: 1, ttlMs: 2 });
    await expect(call).rejects.toMatchObject({ operation, failure: 'refused', message: /is this Redis\?$/ });
  });

  it('needs no limit when nothing is late, and fails at once when too much is', async () => {
    const silent = async () => new Promise<never>(() => undefined);
    const store = redisIdempotencyStore({ evalsha: silent, eval: silent }, { timeoutMs: 20, maxUnanswered: 2 });
    const claim = async () => store.claim({ key: 'k', token: 't', leaseMs: 1, ttlMs: 2 });
    const first = await Promise.allSettled([claim(), claim(), claim()]);
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(claim()).rejects.toThrow('2 calls are past their deadline');
  });
});
