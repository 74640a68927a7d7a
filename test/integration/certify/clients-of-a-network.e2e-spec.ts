import type { INestApplicationContext } from '@nestjs/common';
import { type Cluster, startCluster } from 'activemq-cluster';
import { ActiveMqConnection } from 'nestjs-activemq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { bootApplication } from '../../support/application.js';

let cluster: Cluster;
const applications: INestApplicationContext[] = [];

/** A connection of an application of its own. */
const connect = async (options: string): Promise<ActiveMqConnection> => {
  const brokerUrl = `failover:(${cluster.nodes.map(({ url }) => url).join(',')})${options}`;
  const application = await bootApplication({ brokerUrl });
  applications.push(application);
  return application.get(ActiveMqConnection);
};

beforeAll(async () => {
  cluster = await startCluster({ topology: 'network-static' });
});
afterEach(async () => {
  await Promise.all(applications.splice(0).map((application) => application.close()));
});
afterAll(() => cluster.down());

describe('clients of a network of brokers', () => {
  it('spread over its brokers, unless they are told not to', async () => {
    const spread = await Promise.all(Array.from({ length: 16 }, () => connect('')));
    // All sixteen at one broker: once in 32 768 runs.
    expect(new Set(spread.map(({ brokerUri }) => brokerUri))).toEqual(new Set(cluster.nodes.map(({ url }) => url)));
    const together = await Promise.all(Array.from({ length: 4 }, () => connect('?randomize=false')));
    expect(new Set(together.map(({ brokerUri }) => brokerUri))).toEqual(new Set([cluster.node('broker1').url]));
  });

  it('come back to the broker they prefer with priorityBackup; without it they stay where the failover left them', async () => {
    const [faithful, content] = await Promise.all(
      ['?randomize=false&priorityBackup=true&maxReconnectDelay=500', '?randomize=false'].map((options) => connect(options)),
    );
    const { url: first } = cluster.node('broker1');
    const { url: second } = cluster.node('broker2');
    await cluster.kill('broker1');
    const uris = () => [faithful?.brokerUri, content?.brokerUri];
    await expect.poll(uris, { timeout: 20_000 }).toEqual([second, second]);
    await cluster.start('broker1');
    await expect.poll(uris, { timeout: 20_000 }).toEqual([first, second]);
  });
});
