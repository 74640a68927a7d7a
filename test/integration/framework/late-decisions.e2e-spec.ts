import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsAcknowledgment, JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { expect, it, vi } from 'vitest';

import { countsOf } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** A manual listener that has got one message and decided nothing; others listen to the same queue. */
async function undecided() {
  const queue = bench.queue();
  const kept: JmsAcknowledgment[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ destination: queue, ackMode: 'manual' })
    handle(_order: string, acknowledgment: JmsAcknowledgment): void {
      kept.push(acknowledgment);
    }
  }
  const app = await bench.app({ providers: [Orders] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await vi.waitFor(() => expect(kept).toHaveLength(1), 10_000);
  return { app, queue, kept, Orders, registry: app.get(JmsListenerEndpointRegistry), client: await bench.client() };
}

it('an acknowledge() after its listener has stopped tells the broker nothing; should the message come again here it is not handled again', async () => {
  const { app, queue, kept, registry, client } = await undecided();
  await registry.stop();
  kept[0]?.acknowledge();
  expect(await client.bodies(queue)).toEqual(['x']);
  registry.start();
  await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
  expect([kept.length, countsOf(app).duplicates]).toEqual([1, 1]);
});

it('another application handles it again', async () => {
  const { queue, kept, registry, client, Orders } = await undecided();
  await registry.stop();
  kept[0]?.acknowledge();
  await bench.app({ providers: [Orders] });
  await vi.waitFor(() => expect(kept).toHaveLength(2), 10_000);
  kept[1]?.acknowledge();
  await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
});
