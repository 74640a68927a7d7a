import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsMessagingTemplate } from 'nestjs-activemq';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { bootApplication } from '../support/application.js';
import { deferred } from '../support/deferred.js';
import { numberedListener } from '../support/numbered-listener.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ topology: 'single' });
});

afterAll(async () => {
  await cluster.down();
});

it('G2: a message whose handler had not succeeded when the broker was killed is handled again, one that had is not', async () => {
  const holdFirst = deferred();
  const firstBegan = deferred();
  let runsOfFirst = 0;
  const Listener = numberedListener({ destination: 'chaos.g2', concurrency: 2 }, async (n) => {
    if (n !== 1 || runsOfFirst++ > 0) return;
    firstBegan.resolve();
    await holdFirst.promise;
    throw new Error('the work of this attempt is lost');
  });
  const app = await bootApplication({ brokerUrl: cluster.brokerUrl }, [Listener]);
  const jms = app.get(JmsMessagingTemplate);
  const { handled } = app.get(Listener);
  await jms.convertAndSend('chaos.g2', { n: 1 });
  await firstBegan.promise;
  await jms.convertAndSend('chaos.g2', { n: 2 });
  await vi.waitFor(() => expect(handled.get(2)).toBe(1), { timeout: 20_000 });

  const killed = await cluster.killMaster();
  holdFirst.resolve();
  await cluster.start(killed.name);

  await vi.waitFor(() => expect(handled.get(1)).toBe(1), { timeout: 20_000 });
  await jms.convertAndSend('chaos.g2', { n: 3 });
  await vi.waitFor(() => expect(handled.get(3)).toBe(1), { timeout: 20_000 });
  await app.close();

  // What was acknowledged is gone from the queue: a new application finds only what is sent to it.
  const next = await bootApplication({ brokerUrl: cluster.brokerUrl }, [Listener]);
  await next.get(JmsMessagingTemplate).convertAndSend('chaos.g2', { n: 4 });
  await vi.waitFor(() => expect(next.get(Listener).handled.get(4)).toBe(1), { timeout: 20_000 });
  expect([...next.get(Listener).handled.keys()]).toEqual([4]);
  await next.close();
  expect(runsOfFirst).toBeGreaterThanOrEqual(2);
});
