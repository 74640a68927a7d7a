import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** A listener whose handlers wait for the test. */
function gatedListener(destination: string, concurrency: number | string, prefetch?: number) {
  const waiting: { order: number; go: () => void }[] = [];
  const watch = { running: 0, most: 0, handled: [] as number[] };
  @Injectable()
  class Orders {
    @JmsListener({ id: 'orders', destination, concurrency, prefetch })
    async handle(order: number): Promise<void> {
      watch.most = Math.max(watch.most, ++watch.running);
      await new Promise<void>((go) => waiting.push({ order, go }));
      watch.running--;
      watch.handled.push(order);
    }
  }
  return { Orders, waiting, watch };
}

describe('concurrency', () => {
  it.each([
    [1, 1],
    [4, 4],
    ['2-3', 3],
  ])('%j is as many handlers at once, never more, and they are used', async (concurrency, slots) => {
    const queue = bench.queue();
    const { Orders, waiting, watch } = gatedListener(queue, concurrency);
    const app = await bench.app({ providers: [Orders] });
    const jms = app.get(JmsMessagingTemplate);
    await Promise.all(Array.from({ length: 30 }, (_, order) => jms.convertAndSend(queue, order)));
    while (watch.handled.length < 30) {
      const left = 30 - watch.handled.length;
      await vi.waitFor(() => expect(waiting).toHaveLength(Math.min(slots, left)), 10_000);
      expect(app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')?.activeHandlers).toBe(Math.min(slots, left));
      const before = watch.handled.length;
      waiting.shift()?.go();
      await vi.waitFor(() => expect(watch.handled.length).toBe(before + 1), { timeout: 10_000, interval: 1 });
    }
    expect(watch.most).toBe(slots);
  });

  it('of 1 keeps the order of the queue', async () => {
    const queue = bench.queue();
    const handled: number[] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      async handle(order: number): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        handled.push(order);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    for (let order = 0; order < 50; order++) await app.get(JmsMessagingTemplate).convertAndSend(queue, order);
    await vi.waitFor(() => expect(handled).toEqual(Array.from({ length: 50 }, (_, order) => order)), 10_000);
  });
});

describe('prefetch', () => {
  it('bounds what one consumer takes: the rest is there for another', async () => {
    const queue = bench.queue();
    const { Orders, waiting } = gatedListener(queue, 1, 3);
    const app = await bench.app({ providers: [Orders] });
    const jms = app.get(JmsMessagingTemplate);
    for (let order = 0; order < 10; order++) await jms.convertAndSend(queue, order);
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
    await vi.waitFor(() => expect(container.unsettledMessages).toBe(3), 10_000);
    const other = await (await bench.client()).take(queue);
    await vi.waitFor(() => expect(other.frames.map(({ body }) => body.toString())).toEqual(['3', '4', '5', '6', '7', '8', '9']), 10_000);
    expect([container.unsettledMessages, container.activeHandlers]).toEqual([3, 1]);
    for (let order = 0; order < 3; order++) {
      await vi.waitFor(() => expect(waiting[0]?.order).toBe(order), 10_000);
      waiting.shift()?.go();
    }
    await vi.waitFor(() => expect(container.counts.acknowledged).toBe(3), 10_000);
  });
});
