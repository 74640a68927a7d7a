import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, type ClusterOptions, startCluster } from '../../../libs/cluster/src/index.js';
import { receiveFrom, sendTo } from './stomp.fixture.js';

let cluster: Cluster | undefined;
const start = async (options: ClusterOptions): Promise<Cluster> => {
  cluster = await startCluster({ startTimeout: 120_000, ...options });
  return cluster;
};
const states = async (of: Cluster): Promise<string[]> => (await of.status()).map(({ state }) => state).toSorted();

afterEach(async () => {
  await cluster?.down();
  cluster = undefined;
});

describe('brokers that discover each other', () => {
  it('forward to where the consumer is, again after one was killed', async () => {
    const network = await start({ topology: 'network-multicast' });
    await sendTo(network.node('broker1').ports.stomp, 'orders', 'across');
    expect(await receiveFrom(network.node('broker2').ports.stomp, 'orders')).toBe('across');
    await network.kill('broker2');
    await network.start('broker2');
    await network.waitUntilComplete(60_000);
    await sendTo(network.node('broker2').ports.stomp, 'answers', 'back');
    expect(await receiveFrom(network.node('broker1').ports.stomp, 'answers')).toBe('back');
  });
});

describe('brokers that replicate a LevelDB store', () => {
  it('survive one of three, wait without two, and go on with the second; a ZooKeeper may die', async () => {
    const replicated = await start({ topology: 'replicated-leveldb', version: '5.16.7' });
    await expect.poll(() => states(replicated), { timeout: 60_000 }).toEqual(['master', 'slave', 'slave']);
    expect((await replicated.serviceStatus()).map(({ role }) => String(role)).toSorted()).toEqual(['follower', 'follower', 'leader']);
    await expect
      .poll(async () => (await replicated.replicas())?.map(({ elected }) => String(elected)).toSorted(), { timeout: 30_000 })
      .toEqual(['false', 'false', 'true']);
    const first = await replicated.waitForMaster();
    const [elected] = (await replicated.replicas())?.filter((replica) => replica.elected) ?? [];
    expect(elected?.address).toBe(`tcp://127.0.0.1:${first.ports['replication']}`);
    await sendTo(first.ports.stomp, 'one', 'before the first kill');
    await sendTo(first.ports.stomp, 'two', 'before the second kill');

    await replicated.kill('zookeeper1');
    await replicated.killMaster();
    const second = await replicated.waitForMaster(120_000);
    expect(second.name).not.toBe(first.name);
    expect(await receiveFrom(second.ports.stomp, 'one')).toBe('before the first kill');

    await replicated.killMaster();
    const last = replicated.nodes.find((node) => node !== first && node !== second);
    await expect.poll(() => last?.status(), { timeout: 60_000 }).toMatchObject({ state: 'slave', waitsFor: 'a quorum of replicas' });
    await replicated.start(second.name);
    const third = await replicated.waitForMaster(120_000);
    expect(await receiveFrom(third.ports.stomp, 'two')).toBe('before the second kill');
  });
});
