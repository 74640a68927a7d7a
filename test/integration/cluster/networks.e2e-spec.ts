import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, type ClusterOptions, startCluster } from '../../../libs/cluster/src/index.js';
import { receiveFrom, sendTo, takeAndDie } from './stomp.fixture.js';

let cluster: Cluster | undefined;
const start = async (options: ClusterOptions): Promise<Cluster> => {
  cluster = await startCluster(options);
  return cluster;
};
const stomp = (of: Cluster, name: string): number => of.node(name).ports.stomp;

const soon = { timeout: 20_000 };
const LIES = { broker: 'broker2', queue: 'orders', messages: 1 };

/** A message goes from broker1 to a consumer at broker2 that dies with it. */
async function forwardToTheDead(network: Cluster): Promise<void> {
  const dies = takeAndDie(stomp(network, 'broker2'), 'orders');
  await sendTo(stomp(network, 'broker1'), 'orders', 'for one that dies');
  await dies;
  await expect.poll(() => network.stuckQueues(), soon).toEqual([{ ...LIES, consumersAt: [] }]);
}

afterEach(async () => {
  await cluster?.down();
  cluster = undefined;
});

describe('a network of brokers', () => {
  it('forwards to where the consumer is, again after the other broker was killed', async () => {
    const network = await start({ topology: 'network-static' });
    expect(await network.status()).toMatchObject([
      { name: 'broker1', state: 'networked', bridges: ['broker2'] },
      { name: 'broker2', state: 'networked', bridges: ['broker1'] },
    ]);
    expect(await network.master()).toBeUndefined();
    await sendTo(stomp(network, 'broker1'), 'orders', 'across');
    expect(await receiveFrom(stomp(network, 'broker2'), 'orders')).toBe('across');

    await network.kill('broker2');
    await sendTo(stomp(network, 'broker1'), 'orders', 'meanwhile');
    expect((await network.node('broker1').status()).state).toBe('networked');
    await network.start('broker2');
    await network.waitUntilComplete();
    expect(await receiveFrom(stomp(network, 'broker2'), 'orders')).toBe('meanwhile');
  });

  it('leaves messages of which the consumer has gone where nobody reads, and reports them', async () => {
    const network = await start({ topology: 'network-static', broker: { replayWhenNoConsumers: false } });
    await forwardToTheDead(network);
    const waits = receiveFrom(stomp(network, 'broker1'), 'orders');
    const closed = waits.catch((error: unknown) => String(error));
    // The bridge at broker2 asks for messages for broker1's consumer; it may not have this one.
    await expect.poll(() => network.stuckQueues(), soon).toEqual([{ ...LIES, consumersAt: ['broker1', 'broker2'] }]);
    expect(await receiveFrom(stomp(network, 'broker2'), 'orders')).toBe('for one that dies');
    await network.down();
    expect(await closed).toContain("closed before 'MESSAGE' came");
  });

  it('lets them go back to where a consumer is, after a while', async () => {
    const network = await start({ topology: 'network-static', broker: { replayDelay: 200 } });
    await forwardToTheDead(network);
    expect(await receiveFrom(stomp(network, 'broker1'), 'orders')).toBe('for one that dies');
    await expect.poll(() => network.stuckQueues(), soon).toEqual([]);
  });

  it('takes a master with its slave for one broker, whichever of them lives', async () => {
    const combined = await start({ topology: 'combined' });
    expect(await combined.status()).toMatchObject([
      { name: 'broker1', state: 'networked', bridges: ['shared'] },
      { name: 'broker2', state: 'master', bridges: ['broker1'] },
      { name: 'broker3', state: 'slave', waitsFor: 'the lock of the store', bridges: [] },
    ]);
    await sendTo(stomp(combined, 'broker1'), 'orders', 'to the pair');
    expect(await receiveFrom(stomp(combined, 'broker2'), 'orders')).toBe('to the pair');
    await combined.killMaster();
    expect((await combined.waitForMaster()).name).toBe('broker3');
    await combined.waitUntilComplete();
    await sendTo(stomp(combined, 'broker3'), 'answers', 'and back');
    expect(await receiveFrom(stomp(combined, 'broker1'), 'answers')).toBe('and back');
  });
});
