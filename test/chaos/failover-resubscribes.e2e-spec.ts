import { type Cluster, startCluster } from 'activemq-cluster';
import { ActiveMqConnection, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { bootApplication } from '../support/application.js';
import { duplicatesOf, numberedListener } from '../support/numbered-listener.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({
    topology: 'shared-file',
    nodes: 2,
    broker: { policyEntries: [{ queue: '>', attributes: { persistJMSRedelivered: true } }] },
  });
});

afterAll(async () => {
  await cluster.down();
});

it('G4: after each failover every listener is subscribed again and gets what was sent meanwhile', async () => {
  const queues = ['chaos.g4.a', 'chaos.g4.b', 'chaos.g4.c'];
  const listeners = queues.map((destination) => numberedListener({ destination, concurrency: 4 }));
  const app = await bootApplication({ brokerUrl: cluster.brokerUrl }, listeners);
  const jms = app.get(JmsMessagingTemplate);
  const registry = app.get(JmsListenerEndpointRegistry);
  const connection = app.get(ActiveMqConnection);
  const resumed: number[] = [];
  connection.on('resumed', ({ interruptedFor }) => resumed.push(interruptedFor));
  let sent = 0;

  for (let round = 1; round <= 3; round++) {
    const burst = (count: number) =>
      Promise.all(Array.from({ length: count }, () => sent++).flatMap((n) => queues.map((queue) => jms.convertAndSend(queue, { n }))));
    await burst(20);
    const inTheMiddle = burst(50);
    const killed = await cluster.killMaster();
    await inTheMiddle;
    await cluster.start(killed.name);
    await vi.waitFor(() => expect(registry.isRunning()).toBe(true), { timeout: 20_000 });
    await burst(5);
    for (const Listener of listeners) {
      await vi.waitFor(() => expect(app.get(Listener).handled.size).toBe(sent), { timeout: 20_000 });
    }
    expect(resumed).toHaveLength(round);
  }

  for (const Listener of listeners) {
    const result = app.get(Listener);
    expect(result.handledTwice).toEqual([]);
    // A send whose receipt was lost is sent again, as a message of its own: one for each of them at most is handled beside its twin.
    expect(duplicatesOf(result).length).toBeLessThanOrEqual(connection.resentMessages);
  }
  await app.close();
});
