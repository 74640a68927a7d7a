import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsMessagingTemplate } from 'nestjs-activemq';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { bootApplication } from '../support/application.js';
import { numberedListener } from '../support/numbered-listener.js';

let cluster: Cluster;

beforeEach(async () => {
  cluster = await startCluster({ topology: 'shared-file', nodes: 2 });
});

afterEach(async () => {
  await cluster.down();
});

it('G1: every send that was confirmed while masters were killed is consumed afterwards', async () => {
  const producer = await bootApplication({ brokerUrl: cluster.brokerUrl });
  const jms = producer.get(JmsMessagingTemplate);
  const confirmed = new Set<number>();
  let next = 0;
  const stop = new AbortController();
  const send = async () => {
    while (!stop.signal.aborted) {
      const n = next++;
      await jms.convertAndSend('chaos.g1', { n });
      confirmed.add(n);
    }
  };
  const senders = Array.from({ length: 8 }, () => send());

  for (let kill = 0; kill < 2; kill++) {
    const before = confirmed.size;
    await vi.waitFor(() => expect(confirmed.size).toBeGreaterThan(before + 200), { timeout: 30_000 });
    const killed = await cluster.killMaster();
    await cluster.waitForMaster();
    await cluster.start(killed.name);
  }
  const afterKills = confirmed.size;
  await vi.waitFor(() => expect(confirmed.size).toBeGreaterThan(afterKills + 200), { timeout: 30_000 });
  stop.abort();
  await Promise.all(senders);
  await producer.close();

  const Listener = numberedListener({ destination: 'chaos.g1', concurrency: 10 });
  const consumer = await bootApplication({ brokerUrl: cluster.brokerUrl }, [Listener]);
  const { handled } = consumer.get(Listener);
  await vi.waitFor(() => expect([...confirmed].filter((n) => !handled.has(n))).toEqual([]), { timeout: 30_000 });
  await consumer.close();
  expect(confirmed.size).toBeGreaterThan(600);
});
