import 'reflect-metadata';
import { Injectable, type Type } from '@nestjs/common';
import { startCluster } from 'activemq-cluster';
import { JmsListener, JmsListenerEndpointRegistry, type JmsListenerOptions, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { Idempotent, type IdempotencyModuleOptions, idempotencyRecordKey, type IdempotentOptions } from 'nestjs-activemq/idempotency';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../../support/deferred.js';
import { Bench } from '../../framework/framework.fixture.js';
import { StompProxy } from '../../../support/stomp-proxy.js';
import { containerOf, RedisBench } from './listeners.fixture.js';

const bench = Bench.forFile();
const redis = RedisBench.forFile();
const WAIT = { timeout: 30_000 };

function listenerOn(
  destination: string,
  handle: (message: JmsMessage) => unknown,
  options: IdempotentOptions = {},
  more: Partial<JmsListenerOptions> = {},
): Type {
  @Injectable()
  class Orders {
    @JmsListener({ destination, ...more })
    @Idempotent({ scope: 'test', ...options })
    async onOrder(message: JmsMessage): Promise<unknown> {
      return handle(message);
    }
  }
  return Orders;
}

/** Claims a key as a consumer elsewhere does that is at it. */
async function claimElsewhere({ store }: IdempotencyModuleOptions, key: string, leaseMs: number) {
  const claim = { key: idempotencyRecordKey({ scope: 'test', key }), token: 'elsewhere', leaseMs, ttlMs: 600_000 };
  expect(await store.claim(claim)).toMatchObject({ outcome: 'acquired' });
  return claim;
}

describe('the broker', () => {
  it('loses the connection while the handler runs: the redelivery joins it, and the new delivery is acknowledged (18)', async () => {
    const queue = bench.queue();
    const proxy = await bench.proxy();
    const { promise: release, resolve } = deferred();
    const started = vi.fn();
    const handle = async () => {
      started();
      await release;
    };
    const app = await bench.app({
      providers: [listenerOn(queue, handle, {}, { concurrency: 3 })],
      options: { brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10`, idempotency: redis.options() },
    });
    const registry = app.get(JmsListenerEndpointRegistry);
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), WAIT);
    proxy.cut();
    await vi.waitFor(() => expect(registry.isRunning()).toBe(false), { ...WAIT, interval: 1 });
    await vi.waitFor(() => expect(registry.isRunning()).toBe(true), WAIT);
    // A copy of another sender, too: another message to the broker, the same one to us.
    await (await bench.client()).send(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).activeHandlers).toBe(2), WAIT);
    resolve();
    await vi.waitFor(async () => expect(await (await bench.client()).bodies(queue)).toEqual([]), WAIT);
    expect(started).toHaveBeenCalledTimes(1);
    expect(containerOf(app).gate?.claims).toMatchObject({ acquired: 1, joined: 1 });
  });

  it('brings a message back that another consumer is at: SEND is confirmed before ACK, never a NACK, no attempt is counted (20)', async () => {
    const queue = bench.queue();
    const proxy = await StompProxy.before(bench.port);
    const idempotency = redis.options({ leaseMs: 3_000 });
    const seen: JmsMessage[] = [];
    try {
      const app = await bench.app({
        providers: [listenerOn(queue, (message) => void seen.push(message))],
        options: { brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})`, idempotency },
      });
      await claimElsewhere(idempotency, 'k', 4_000);
      proxy.frames.length = 0;
      await (await bench.client()).send(queue, 'x', { idempotencyKey: 'k', currency: 'EUR' });
      await vi.waitFor(() => expect(containerOf(app).counts.deferred).toBe(1), WAIT);
      await vi.waitFor(() => expect(seen).toHaveLength(1), WAIT);
      expect(seen[0]).toMatchObject({ deliveryCount: 1, idempotencyKey: 'k' });
      expect(seen[0]?.headers).toMatchObject({ currency: 'EUR', deferrals: '1' });
      await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
      const wire = proxy.frames.filter(({ command }) => ['SEND', 'RECEIPT', 'ACK', 'NACK', 'BEGIN'].includes(command));
      const copy = wire.findIndex(({ text }) => text.includes('AMQ_SCHEDULED_DELAY'));
      const receipt = /receipt:(\S+)/.exec(wire[copy]?.text ?? '')?.[1];
      const confirmed = wire.findIndex(({ command, text }) => command === 'RECEIPT' && text.includes(`receipt-id:${receipt}`));
      const acknowledged = wire.findIndex(({ command }) => command === 'ACK');
      expect(copy).toBeGreaterThanOrEqual(0);
      expect(confirmed).toBeGreaterThan(copy);
      expect(acknowledged).toBeGreaterThan(confirmed);
      expect(wire.some(({ command }) => command === 'NACK' || command === 'BEGIN')).toBe(false);
      expect(containerOf(app).gate?.claims).toMatchObject({ acquired: 1 });
    } finally {
      await proxy.close();
    }
  });

  it('is lost between the copy and the ACK: the message is there twice, and handled once (20)', async () => {
    const queue = bench.queue();
    const proxy = await StompProxy.before(bench.port);
    const idempotency = redis.options();
    const handle = vi.fn();
    try {
      const app = await bench.app({
        providers: [listenerOn(queue, handle)],
        options: { brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10`, idempotency },
      });
      await claimElsewhere(idempotency, 'k', 4_000);
      const cut = proxy.cutAfterNext(({ command, text }) => command === 'SEND' && text.includes('AMQ_SCHEDULED_DELAY'));
      await (await bench.client()).send(queue, 'x', { idempotencyKey: 'k' });
      await cut;
      await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
      await vi.waitFor(async () => {
        const client = await bench.client();
        expect(await client.bodies(queue)).toEqual([]);
        expect(await client.scheduledJobs()).toBe(0);
      }, WAIT);
      expect(handle).toHaveBeenCalledTimes(1);
      expect(containerOf(app).counts.duplicates).toBeGreaterThanOrEqual(1);
    } finally {
      await proxy.close();
    }
  });

  it('that is held keeps the order of an exclusive consumer (22)', async () => {
    const queue = bench.queue();
    const idempotency = redis.options();
    const handled: unknown[] = [];
    const providers = [listenerOn(queue, ({ payload }) => void handled.push(payload), {}, { exclusive: true })];
    const app = await bench.app({ providers, options: { idempotency } });
    await claimElsewhere(idempotency, '1', 2_500);
    const jms = app.get(JmsMessagingTemplate);
    for (const key of ['1', '2', '3']) await jms.convertAndSend(queue, key, { idempotencyKey: key });
    await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(3), WAIT);
    expect(handled).toEqual(['1', '2', '3']);
    expect(containerOf(app).counts.deferred).toBe(0);
  });

  it('without a scheduler: a warning at the start, and the message waits in its slot (21)', async () => {
    const cluster = await startCluster({ topology: 'single', broker: { scheduler: false } });
    const queue = bench.queue();
    const idempotency = redis.options();
    const lines: string[] = [];
    const logger = { log: () => undefined, error: () => undefined, warn: (line: string) => void lines.push(line) };
    try {
      const app = await bench.app({
        providers: [listenerOn(queue, () => undefined)],
        options: { brokerUrl: cluster.brokerUrl, idempotency, logger },
      });
      await vi.waitFor(() => expect(lines.filter((line) => line.includes('schedulerSupport'))).toHaveLength(1), WAIT);
      await claimElsewhere(idempotency, 'k', 3_500);
      await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
      await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
      expect(containerOf(app).counts).toMatchObject({ deferred: 0, duplicates: 0 });
      expect(containerOf(app).gate).toMatchObject({ deferrals: 0, claims: { acquired: 1 } });
      await app.close();
    } finally {
      await cluster.down();
    }
  });
});
