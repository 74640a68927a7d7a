import { randomUUID } from 'node:crypto';

import { type IdempotencyStoreError, RetryingIdempotencyStore } from 'nestjs-activemq/idempotency';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { FaultProxy } from '../../support/fault-proxy.js';
import { RedisServer } from '../../support/redis-server.js';
import { type ClientUnderTest, CLIENTS } from './clients.fixture.js';

describe.each(CLIENTS)('answers that are lost, with a client of %s', (_, make) => {
  let server: RedisServer;
  let proxy: FaultProxy;
  let client: ClientUnderTest;
  const onRetry = vi.fn<(error: IdempotencyStoreError) => void>();

  beforeAll(async () => (server = await RedisServer.start()));
  afterAll(async () => server.stop());
  beforeEach(async () => {
    proxy = await FaultProxy.start(server.port);
    client = await make(proxy.url);
    onRetry.mockReset();
    // Scripts are known from now on: what follows is one command per call.
    await client.store.open?.();
    proxy.commands.length = 0;
  });
  afterEach(async () => {
    client.disconnect();
    await proxy.stop();
  });

  const request = () => ({ key: randomUUID(), token: 'mine', leaseMs: 30_000, ttlMs: 60_000 });
  const isScript = (command: string) => command.startsWith('EVALSHA');

  it('a claim whose answer was lost is acquired when it is repeated, and counted once', async () => {
    const store = new RetryingIdempotencyStore(client.store, { onRetry });
    const swallowed = proxy.swallowReplyTo(isScript);
    const claim = request();
    expect(await store.claim(claim)).toEqual({ outcome: 'acquired', claimCount: 1 });
    await swallowed;
    // Sent twice: by us, or by a client that does so itself.
    expect(proxy.commands.filter(isScript)).toHaveLength(2);
    expect(await store.claim({ ...claim, token: 'other' })).toMatchObject({ outcome: 'in-progress' });
  });

  it('a completion whose answer was lost is completed when it is repeated', async () => {
    const store = new RetryingIdempotencyStore(client.store, { onRetry });
    const claim = request();
    await store.claim(claim);
    const swallowed = proxy.swallowReplyTo(isScript);
    expect(await store.complete({ ...claim, result: 'once' })).toBe('completed');
    await swallowed;
    expect(await store.claim({ ...claim, token: 'other' })).toEqual({ outcome: 'completed', result: 'once' });
  });

  it('a release whose answer was lost leaves the key free', async () => {
    const store = new RetryingIdempotencyStore(client.store, { onRetry });
    const claim = request();
    await store.claim(claim);
    const swallowed = proxy.swallowReplyTo(isScript);
    await store.release(claim);
    await swallowed;
    expect(await store.claim({ ...claim, token: 'other' })).toEqual({ outcome: 'acquired', claimCount: 1 });
  });

  it('latency and resets: every call settles, and no key is ever owned twice', async () => {
    const store = new RetryingIdempotencyStore(client.store, { budgetMs: 20_000, onRetry });
    proxy.resets = 0.02;
    const owners = new Map<string, number>();
    const keys = Array.from({ length: 60 }, () => randomUUID());
    for (const latency of [0, 25, 75]) {
      proxy.latency = latency;
      await Promise.all(
        keys.flatMap((key) =>
          ['one', 'two'].map(async (actor) => {
            const claim = { ...request(), key: `${key}:${latency}`, token: `${actor}:${key}` };
            const answer = await store.claim(claim);
            if (answer.outcome !== 'acquired') return;
            owners.set(claim.key, (owners.get(claim.key) ?? 0) + 1);
            expect(await store.complete(claim)).toBe('completed');
          }),
        ),
      );
    }
    expect(owners.size).toBe(180);
    expect([...owners.values()].every((times) => times === 1)).toBe(true);
  });
});
