import 'reflect-metadata';
import { Injectable, type Type } from '@nestjs/common';
import { Redis } from 'ioredis';
import { JmsListener, JmsListenerEndpointRegistry, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { Idempotent, type IdempotentOptions } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { describe, expect, it, vi } from 'vitest';

import { FaultProxy } from '../../../support/fault-proxy.js';
import { RedisServer } from '../../../support/redis-server.js';
import { deferred } from '../../../support/deferred.js';
import { Bench } from '../../framework/framework.fixture.js';
import { containerOf, LEASE, RedisBench } from './listeners.fixture.js';

const bench = Bench.forFile();
const redis = RedisBench.forFile();
const WAIT = { timeout: 30_000 };

function listenerOn(destination: string, handle: (message: JmsMessage) => unknown, options: IdempotentOptions = {}): Type {
  @Injectable()
  class Orders {
    @JmsListener({ destination, concurrency: 2, redelivery: { initialRedeliveryDelay: 10, redeliveryDelay: 10 } })
    @Idempotent(options)
    async onOrder(message: JmsMessage): Promise<unknown> {
      return handle(message);
    }
  }
  return Orders;
}

describe.each(['redis', 'ioredis'] as const)('the answer of Redis is lost, with a client of %s', (library) => {
  it.each([
    ['claim', 1],
    ['complete', 2],
  ])('the one to %s: the handler runs once, and the message is acknowledged once (23, 24)', async (_, nth) => {
    const queue = bench.queue();
    const proxy = await FaultProxy.start(redis.server.port);
    const handle = vi.fn();
    try {
      const store = redisIdempotencyStore({ url: proxy.url, library, timeoutMs: 500 });
      const options = { idempotency: { store, leaseMs: 20_000, storeBudgetMs: 10_000 } };
      const app = await bench.app({ providers: [listenerOn(queue, handle)], options });
      let calls = 0;
      const swallowed = proxy.swallowReplyTo((command) => command.startsWith('EVALSHA') && ++calls === nth);
      await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
      await swallowed;
      await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
      expect(handle).toHaveBeenCalledTimes(1);
      expect(containerOf(app).gate?.claims).toMatchObject({ acquired: 1, 'in-progress': 0 });
      expect(await redis.states()).toEqual({ processing: 0, completed: 1 });
      await app.close();
    } finally {
      await proxy.stop();
    }
  });
});

describe('Redis is gone', () => {
  it('the listener pauses: the queue keeps its messages, no dead letter, and it goes on by itself (25)', async () => {
    const own = await RedisServer.start();
    const queue = bench.queue();
    const handle = vi.fn();
    const idempotency = redis.options({}, own.port);
    const app = await bench.app({ providers: [listenerOn(queue, handle)], options: { idempotency } });
    const registry = app.get(JmsListenerEndpointRegistry);
    const jms = app.get(JmsMessagingTemplate);
    await own.stop();
    for (let n = 0; n < 20; n++) await jms.convertAndSend(queue, n, { idempotencyKey: `k${n}` });
    await vi.waitFor(() => expect(containerOf(app).whyUnavailable).toMatch(/idempotency store is out/), WAIT);
    await vi.waitFor(() => expect(registry.isRunning()).toBe(false), WAIT);
    const client = await bench.client();
    expect(await client.browse(queue)).toHaveLength(20);
    expect(handle).not.toHaveBeenCalled();
    expect(containerOf(app).counts).toMatchObject({ deadLettered: 0, redeliveries: 0, acknowledged: 0 });
    expect(containerOf(app).gate).toMatchObject({ isBreakerOpen: true });
    const again = await RedisServer.start({ port: own.port });
    try {
      await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(20), WAIT);
      expect(handle).toHaveBeenCalledTimes(20);
      expect(containerOf(app).gate).toMatchObject({ isBreakerOpen: false });
      await app.close();
    } finally {
      await again.stop();
    }
  });

  it('at the start: the application starts, and its listener when Redis comes', async () => {
    const own = await RedisServer.start();
    await own.stop();
    const queue = bench.queue();
    const handle = vi.fn();
    const options = { startup: 'background' as const, idempotency: redis.options({}, own.port) };
    const app = await bench.app({ providers: [listenerOn(queue, handle)], options });
    await (await bench.client()).send(queue, 'x', { idempotencyKey: 'k' });
    expect(containerOf(app).whyUnavailable).toMatch(/idempotency store is out/);
    const again = await RedisServer.start({ port: own.port });
    try {
      await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
      await app.close();
    } finally {
      await again.stop();
    }
  });

  it("'process': messages are handled unprotected, and that is counted", async () => {
    const own = await RedisServer.start();
    const queue = bench.queue();
    const handle = vi.fn();
    const providers = [listenerOn(queue, handle, { onStoreError: 'process' })];
    const app = await bench.app({ providers, options: { idempotency: redis.options({}, own.port) } });
    await own.stop();
    for (let n = 0; n < 2; n++) await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(2), WAIT);
    expect(handle).toHaveBeenCalledTimes(2);
    expect(containerOf(app).gate).toMatchObject({ unprotected: 2, isBreakerOpen: true });
    expect(containerOf(app).whyUnavailable).toBeUndefined();
  });
});

describe('Redis hangs', () => {
  it('while the handler runs: not acknowledged before it is recorded, and not handled again (26)', async () => {
    const own = await RedisServer.start();
    const queue = bench.queue();
    const { promise: release, resolve } = deferred();
    const handle = vi.fn(async () => release);
    try {
      const idempotency = redis.options({ leaseMs: 60_000 }, own.port);
      const app = await bench.app({ providers: [listenerOn(queue, handle)], options: { idempotency } });
      await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
      await vi.waitFor(() => expect(handle).toHaveBeenCalledTimes(1), WAIT);
      own.signal('SIGSTOP');
      resolve();
      await vi.waitFor(() => expect(containerOf(app).gate).toMatchObject({ uncertain: 1, isBreakerOpen: true }), WAIT);
      expect(containerOf(app).counts.acknowledged).toBe(0);
      expect(await (await bench.client()).bodies(queue)).toEqual(['x']);
      own.signal('SIGCONT');
      await vi.waitFor(() => expect(containerOf(app).counts.duplicates).toBe(1), WAIT);
      expect(handle).toHaveBeenCalledTimes(1);
      await vi.waitFor(async () => expect(await (await bench.client()).bodies(queue)).toEqual([]), WAIT);
      await app.close();
    } finally {
      own.signal('SIGCONT');
      await own.stop();
    }
  });

  it('for seconds under load: calls end at their deadline, and nothing is handled twice or lost (28)', async () => {
    const queue = bench.queue();
    const handled: unknown[] = [];
    const app = await bench.app({
      providers: [listenerOn(queue, ({ payload }) => void handled.push(payload))],
      options: { idempotency: redis.options({ leaseMs: 60_000 }) },
    });
    const jms = app.get(JmsMessagingTemplate);
    await redis.redis.client('PAUSE', 4_000);
    for (let n = 0; n < 50; n++) await jms.convertAndSend(queue, n, { idempotencyKey: `k${n}` });
    await vi.waitFor(() => expect(containerOf(app).gate?.isBreakerOpen).toBe(true), { timeout: 3_800 });
    await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(50), { timeout: 40_000 });
    expect(handled).toHaveLength(50);
    expect(new Set(handled)).toEqual(new Set(Array.from({ length: 50 }, (_, n) => n)));
  });
});

describe('Redis forgets', () => {
  it('its records while a handler runs: the message is done all the same, and that is counted (27)', async () => {
    const queue = bench.queue();
    const { promise: release, resolve } = deferred();
    const handle = vi.fn(async () => release);
    const app = await bench.app({ providers: [listenerOn(queue, handle)], options: { idempotency: redis.options({ leaseMs: 60_000 }) } });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(handle).toHaveBeenCalledTimes(1), WAIT);
    await redis.redis.flushall();
    resolve();
    await vi.waitFor(() => expect(containerOf(app).gate?.recreated).toBe(1), WAIT);
    expect(await redis.states()).toEqual({ processing: 0, completed: 1 });
  });

  it('what is no record of ours stands at the key: dead-lettered, and left alone (35)', async () => {
    const queue = bench.queue();
    const handle = vi.fn();
    const app = await bench.app({ providers: [listenerOn(queue, handle, { scope: 's' })], options: { idempotency: redis.options() } });
    const admin = new Redis(redis.server.port, '127.0.0.1');
    await admin.set('amq:idem::s:k', 'not ours');
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).counts.deadLettered).toBe(1), WAIT);
    expect(await admin.get('amq:idem::s:k')).toBe('not ours');
    admin.disconnect();
    expect(handle).not.toHaveBeenCalled();
    expect(containerOf(app).gate?.isBreakerOpen).toBe(false);
  });
});

describe('a handler that hangs', () => {
  it('keeps its claim for maxLeaseMs, is told, and then another consumer takes over (15)', async () => {
    const queue = bench.queue();
    const aborted = vi.fn();
    const idempotency = redis.options({ maxLeaseMs: 2 * LEASE });
    const { getIdempotencyContext } = await import('nestjs-activemq/idempotency');
    const { promise: release, resolve } = deferred();
    const hang = async () => {
      const { signal } = getIdempotencyContext()!;
      signal.addEventListener('abort', () => aborted((signal.reason as { loss: string }).loss));
      await release;
    };
    const hanging = await bench.app({ providers: [listenerOn(queue, hang, { scope: 's' })], options: { idempotency } });
    await hanging.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(async () => expect(await redis.states()).toEqual({ processing: 1, completed: 0 }), WAIT);
    const began = performance.now();
    const handle = vi.fn();
    const other = await bench.app({ providers: [listenerOn(queue, handle, { scope: 's' })], options: { idempotency: redis.options() } });
    await other.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(handle).toHaveBeenCalledTimes(1), WAIT);
    // From the claim on, but for what starting the second application took.
    expect(performance.now() - began).toBeGreaterThan(LEASE);
    expect(aborted.mock.calls).toEqual([['too-long']]);
    resolve();
    // Its result decides nothing any more: the other one's record stands, and the message is a duplicate of it.
    await vi.waitFor(() => expect(containerOf(hanging).gate?.lostLeases).toBe(1), WAIT);
    await vi.waitFor(() => expect(containerOf(hanging).counts.duplicates).toBe(1), WAIT);
  });
});
