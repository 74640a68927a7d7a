import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsAcknowledgment, JmsListener, JmsListenerEndpointRegistry, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const FAST = { maximumRedeliveries: 2, initialRedeliveryDelay: 10, redeliveryDelay: 10 };
const containerOf = (app: Awaited<ReturnType<typeof bench.app>>) => app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;

/** A manual listener: `decide` decides in the handler, or keeps the acknowledgment for later. */
async function manualApp(decide: (message: JmsMessage, acknowledgment: JmsAcknowledgment) => void, prefetch?: number) {
  const queue = bench.queue();
  const kept: JmsAcknowledgment[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ destination: queue, ackMode: 'manual', redelivery: FAST, prefetch })
    handle(message: JmsMessage, acknowledgment: JmsAcknowledgment): void {
      kept.push(acknowledgment);
      decide(message, acknowledgment);
    }
  }
  const app = await bench.app({ providers: [Orders] });
  return { app, queue, kept, jms: app.get(JmsMessagingTemplate), client: await bench.client() };
}

const dead = async (key: string) =>
  (await (await bench.client()).browse('ActiveMQ.DLQ')).filter(({ headers }) => headers['idempotencyKey'] === key).length;

describe("ackMode 'manual'", () => {
  it('leaves a message with the broker until it is acknowledged', async () => {
    const { jms, queue, kept, client, app } = await manualApp(() => undefined);
    await jms.convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(kept).toHaveLength(1), 10_000);
    expect(await client.bodies(queue)).toEqual(['x']);
    expect(containerOf(app).unsettledMessages).toBe(1);
    kept[0]?.acknowledge();
    await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
    expect(containerOf(app).unsettledMessages).toBe(0);
    expect(() => kept[0]?.acknowledge()).toThrow(/already decided: acknowledge\(\)/);
  });

  it('gives up to `prefetch` undecided messages to the handler, then waits', async () => {
    const { jms, queue, kept } = await manualApp(() => undefined, 3);
    for (let order = 0; order < 5; order++) await jms.convertAndSend(queue, order);
    const other = await (await bench.client()).take(queue);
    await vi.waitFor(() => expect(other.frames).toHaveLength(2), 10_000);
    expect(kept).toHaveLength(3);
  });

  it('recover() handles it again by the policy, and dead-letters it in the end', async () => {
    const counts: number[] = [];
    const { jms, queue } = await manualApp((message, acknowledgment) => {
      counts.push(message.deliveryCount);
      acknowledgment.recover();
    });
    const { idempotencyKey } = await jms.convertAndSend(queue, 'x');
    await vi.waitFor(async () => expect(await dead(idempotencyKey)).toBe(1), 10_000);
    expect(counts).toEqual([1, 2, 3]);
  });

  it('a late recover() does the same', async () => {
    const { jms, queue, kept, app } = await manualApp(() => undefined);
    const { idempotencyKey } = await jms.convertAndSend(queue, 'x');
    for (let attempt = 0; attempt < 3; attempt++) {
      await vi.waitFor(() => expect(kept).toHaveLength(attempt + 1), 10_000);
      await vi.waitFor(() => expect(containerOf(app).activeHandlers).toBe(0), 10_000);
      kept[attempt]?.recover();
    }
    await vi.waitFor(async () => expect(await dead(idempotencyKey)).toBe(1), 10_000);
    // The broker's receipt may come after the message stands in the dead letter queue.
    await vi.waitFor(() => expect(containerOf(app).counts).toMatchObject({ redeliveries: 2, deadLettered: 1 }), 10_000);
  });

  it('reject() dead-letters it at once', async () => {
    const { jms, queue, kept } = await manualApp((_, acknowledgment) => acknowledgment.reject('no such customer'));
    const { idempotencyKey } = await jms.convertAndSend(queue, 'x');
    await vi.waitFor(async () => expect(await dead(idempotencyKey)).toBe(1), 10_000);
    expect(kept).toHaveLength(1);
  });

  it('a handler that fails without a decision has failed an attempt', async () => {
    const { jms, queue, kept, app } = await manualApp((message, acknowledgment) => {
      if (message.deliveryCount < 3) throw new Error('no');
      acknowledgment.acknowledge();
    });
    await jms.convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(containerOf(app).counts).toMatchObject({ redeliveries: 2, acknowledged: 1 }), 10_000);
    expect(() => kept[0]?.acknowledge()).toThrow(/comes too late/);
  });

  it('what is undecided at shutdown goes back to the broker', async () => {
    const { jms, queue, kept, client, app } = await manualApp(() => undefined);
    await jms.convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(kept).toHaveLength(1), 10_000);
    await app.close();
    const other = await client.take(queue);
    await vi.waitFor(() => expect(other.frames.map(({ body }) => body.toString())).toEqual(['x']), 10_000);
  });

  it('what is undecided when its listener stops is handled again after its start', async () => {
    const { jms, queue, kept, app, client } = await manualApp(() => undefined);
    await jms.convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(kept).toHaveLength(1), 10_000);
    const registry = app.get(JmsListenerEndpointRegistry);
    await registry.stop();
    registry.start();
    await vi.waitFor(() => expect(kept).toHaveLength(2), 10_000);
    kept[1]?.acknowledge();
    await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
  });
});
