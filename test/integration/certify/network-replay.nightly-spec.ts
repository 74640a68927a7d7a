import { type Cluster, startCluster } from 'activemq-cluster';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { browseQueue } from '../../../apps/certify/src/broker-queue.js';
import { RawClient } from '../framework/raw-client.fixture.js';

const QUEUE = 'stuck';
const COUNT = 20;
let cluster: Cluster;
let clients: RawClient[];

const connect = async (name: string): Promise<RawClient> => {
  const client = await RawClient.connect(cluster.node(name).ports.stomp);
  clients.push(client);
  return client;
};

const address = (name: string): { host: string; port: number } => ({ host: cluster.node(name).host, port: cluster.node(name).ports.stomp });

beforeEach(async () => {
  clients = [];
  cluster = await startCluster({ topology: 'network-static' });
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await cluster.down();
});

it('what was forwarded for a consumer that has gone comes back to a broker with consumers', async () => {
  const there = await connect('broker2');
  const taken = await there.take(QUEUE);
  const here = await connect('broker1');
  for (let number = 0; number < COUNT; number++) await here.send(QUEUE, String(number));
  await vi.waitFor(() => expect(taken.frames).toHaveLength(COUNT), { timeout: 10_000 });
  await taken.stop();
  expect(await browseQueue(address('broker2'), QUEUE)).toHaveLength(COUNT);

  const { frames } = await here.take(QUEUE);
  await vi.waitFor(() => expect(frames).toHaveLength(COUNT), { timeout: 30_000 });
  expect(await browseQueue(address('broker1'), 'ActiveMQ.DLQ')).toEqual([]);
});
