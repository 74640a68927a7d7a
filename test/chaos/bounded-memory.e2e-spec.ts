import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { bootApplication } from '../support/application.js';
import { deferred } from '../support/deferred.js';
import { numberedListener } from '../support/numbered-listener.js';

const BACKLOG = 3_000;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ topology: 'single' });
});

afterAll(async () => {
  await cluster.down();
});

it('G6: of a long backlog no more than the prefetch window is held, however long a handler takes', async () => {
  const release = deferred();
  let largest = 0;
  const Listener = numberedListener({ destination: 'chaos.g6', concurrency: 3, prefetch: 7, id: 'g6' }, async (n) => {
    largest = Math.max(largest, container.unsettledMessages);
    if (n === 0) await release.promise;
  });
  const producer = await bootApplication({ brokerUrl: cluster.brokerUrl });
  const jms = producer.get(JmsMessagingTemplate);
  await Promise.all(Array.from({ length: BACKLOG }, (_, n) => jms.convertAndSend('chaos.g6', { n, filler: 'x'.repeat(1_000) })));
  await producer.close();

  const app = await bootApplication({ brokerUrl: cluster.brokerUrl, listeners: { g6: { autoStartup: false } } }, [Listener]);
  const registry = app.get(JmsListenerEndpointRegistry);
  const container = registry.getListenerContainer('g6')!;
  registry.start('g6');
  const { handled } = app.get(Listener);
  await vi.waitFor(() => expect(handled.size).toBe(BACKLOG - 1), { timeout: 40_000 });
  release.resolve();
  await vi.waitFor(() => expect(handled.size).toBe(BACKLOG), { timeout: 20_000 });
  expect(largest).toBeLessThanOrEqual(7);
  expect(largest).toBeGreaterThan(3);
  await app.close();
});
