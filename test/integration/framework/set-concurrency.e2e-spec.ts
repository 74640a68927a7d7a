import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { type AckMode, ConfigurationError, JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** An application whose handlers wait for the test, and messages for them. */
async function gated(options: { concurrency?: number | string; prefetch?: number; ackMode?: AckMode }, messages: number) {
  const queue = bench.queue();
  const waiting: (() => void)[] = [];
  const watch = { running: 0, most: 0, handled: [] as number[] };
  @Injectable()
  class Orders {
    @JmsListener({ id: 'orders', destination: queue, ...options })
    async handle(order: number): Promise<void> {
      watch.most = Math.max(watch.most, ++watch.running);
      await new Promise<void>((go) => waiting.push(go));
      watch.running--;
      watch.handled.push(order);
    }
  }
  const app = await bench.app({ providers: [Orders], options: { shutdownTimeout: 50 } });
  const registry = app.get(JmsListenerEndpointRegistry);
  for (let order = 0; order < messages; order++) await app.get(JmsMessagingTemplate).convertAndSend(queue, order);
  const running = (count: number) => vi.waitFor(() => expect(watch.running).toBe(count), { timeout: 10_000, interval: 5 });
  const finish = async (until: number) => {
    await vi.waitFor(
      () => {
        for (const go of waiting.splice(0)) go();
        expect(watch.handled).toHaveLength(until);
      },
      { timeout: 20_000, interval: 5 },
    );
  };
  return { queue, app, registry, container: registry.getListenerContainer('orders')!, watch, waiting, running, finish };
}

const upTo = (count: number) => Array.from({ length: count }, (_, order) => order);

describe('setConcurrency', () => {
  it.each<AckMode>(['auto', 'transacted'])(
    "raised: more handlers at once, without waiting for one to end; each message is handled once, in mode '%s'",
    async (ackMode) => {
      const { registry, container, watch, running, finish } = await gated({ ackMode }, 60);
      await running(1);
      const resized = registry.setConcurrency('orders', 4);
      expect(container.concurrency).toBe(4);
      await running(4);
      await finish(60);
      await resized;
      expect([watch.most, watch.handled.sort((a, b) => a - b), container.counts.acknowledged]).toEqual([4, upTo(60), 60]);
      expect(container.state).toBe('running');
    },
  );

  it.each<AckMode>(['auto', 'transacted'])("lowered: what runs ends, and then there are fewer, in mode '%s'", async (ackMode) => {
    const { registry, container, watch, waiting, running, finish } = await gated({ concurrency: 4, ackMode }, 20);
    await running(4);
    const resized = registry.setConcurrency('orders', 1);
    // In 'transacted' mode the slot that stays goes on beside those that leave.
    waiting.pop()?.();
    await vi.waitFor(() => expect(watch.handled).toHaveLength(1), 10_000);
    expect(watch.most).toBe(4);
    for (const go of waiting.splice(0)) go();
    await resized;
    watch.most = 0;
    await finish(20);
    expect([watch.most, watch.handled.sort((a, b) => a - b), container.counts.acknowledged]).toEqual([1, upTo(20), 20]);
  });

  it('has the prefetch follow: a larger one fills, and of a smaller one the rest is there for others', async () => {
    const { registry, container, waiting, running, queue } = await gated({ concurrency: 1 }, 0);
    const client = await bench.client();
    await registry.setConcurrency('orders', 3);
    for (let order = 0; order < 50; order++) await client.send(queue, String(order), { 'content-type': 'application/json' });
    await vi.waitFor(() => expect(container.unsettledMessages).toBe(30), 10_000);
    await running(3);
    const resized = registry.setConcurrency('orders', 1);
    // These three, and not the one that begins when the prefetch has followed.
    for (const go of waiting.splice(0)) go();
    await resized;
    await vi.waitFor(() => expect(container.unsettledMessages).toBe(10), 10_000);
    const other = await client.take(queue);
    await vi.waitFor(
      () => expect([other.frames.length, container.unsettledMessages, container.counts.acknowledged]).toEqual([37, 10, 3]),
      10_000,
    );
  });

  it('keeps a prefetch that was asked for, as far as it fills the slots', async () => {
    const { registry, container, running, finish } = await gated({ concurrency: 1, prefetch: 5 }, 30);
    await running(1);
    await registry.setConcurrency('orders', 3);
    await running(3);
    expect(container.unsettledMessages).toBe(5);
    const resized = registry.setConcurrency('orders', 8);
    await finish(30);
    await resized;
    expect(container.counts.acknowledged).toBe(30);
  });

  it('counts from the next start on for a listener that is stopped', async () => {
    const { registry, queue, watch, running, finish } = await gated({ concurrency: 1 }, 0);
    await registry.stop('orders');
    await registry.setConcurrency('orders', 2);
    const client = await bench.client();
    for (let order = 0; order < 4; order++) await client.send(queue, String(order), { 'content-type': 'application/json' });
    registry.start('orders');
    await running(2);
    await finish(4);
    expect(watch.most).toBe(2);
  });

  it('refuses impossible numbers, and transacted slots on a topic', async () => {
    const { registry, container } = await gated({ concurrency: '3-10' }, 0);
    expect(container.concurrency).toBe(10);
    for (const impossible of [0, -1, 1.5, 10_001, Number.NaN, '3' as unknown as number]) {
      await expect(registry.setConcurrency('orders', impossible)).rejects.toThrow(ConfigurationError);
    }
    await expect(registry.setConcurrency('nobody', 1)).rejects.toThrow("No listener has the id 'nobody'");
    const prices = registry.registerListener({ id: 'prices', destination: 'topic://prices', ackMode: 'transacted' }, () => undefined);
    await expect(prices.setConcurrency(2)).rejects.toThrow(/each would get every message of the topic/);
    expect([container.concurrency, prices.concurrency]).toEqual([10, 1]);
  });
});
