import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { bootApplication } from '../support/application.js';
import { duplicatesOf, numberedListener } from '../support/numbered-listener.js';

const MESSAGES = 400;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ topology: 'single' });
});

afterAll(async () => {
  await cluster.down();
});

it('G5: applications that are shut down one after the other under load handle every message exactly once between them', async () => {
  const Listener = numberedListener({ destination: 'chaos.g5', concurrency: 5 }, () => delay(5));
  const total = new Map<number, number>();
  const producer = await bootApplication({ brokerUrl: cluster.brokerUrl });
  const jms = producer.get(JmsMessagingTemplate);
  await Promise.all(Array.from({ length: MESSAGES }, (_, n) => jms.convertAndSend('chaos.g5', { n })));
  await producer.close();

  for (let generation = 0; total.size < MESSAGES; generation++) {
    expect(generation).toBeLessThan(20);
    const app = await bootApplication({ brokerUrl: cluster.brokerUrl }, [Listener]);
    const listener = app.get(Listener);
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
    const left = MESSAGES - total.size;
    await vi.waitFor(() => expect(listener.handled.size).toBeGreaterThanOrEqual(Math.min(60, left)), { timeout: 20_000, interval: 2 });
    // In the middle of it: handlers run, and further messages wait in the prefetch buffer.
    await app.close();
    expect(container.activeHandlers).toBe(0);
    expect(duplicatesOf(listener)).toEqual([]);
    for (const n of listener.handled.keys()) total.set(n, (total.get(n) ?? 0) + 1);
  }

  expect([...total.values()].filter((times) => times !== 1)).toEqual([]);
});
