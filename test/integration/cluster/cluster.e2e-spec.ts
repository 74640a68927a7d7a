import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, type ClusterOptions, probeStomp, startCluster } from '../../../libs/cluster/src/index.js';

let cluster: Cluster | undefined;
const start = async (options: ClusterOptions): Promise<Cluster> => {
  cluster = await startCluster(options);
  return cluster;
};
const states = async (of: Cluster): Promise<string[]> => (await of.status()).map(({ state }) => state);

afterEach(async () => {
  await cluster?.down();
  cluster = undefined;
});

describe('a single broker', () => {
  it('is master, keeps its port over a stop and a start, and is gone with its data when it is taken down', async () => {
    const single = await start({ topology: 'single' });
    const [node] = single.nodes;
    expect(single.brokerUrl).toBe(`failover:(stomp://127.0.0.1:${node?.ports.stomp})?randomize=false`);
    expect((await single.waitForMaster()).name).toBe('broker1');
    await single.stop('broker1');
    await expect(single.waitForMaster(100)).rejects.toMatchObject({
      code: 'NO_MASTER',
      message: expect.stringContaining('broker1 is stopped') as string,
    });
    await expect(single.stop('broker1')).rejects.toMatchObject({ code: 'WRONG_STATE' });
    await single.start('broker1');
    await expect(single.start('broker1')).rejects.toMatchObject({ code: 'WRONG_STATE' });
    await expect(probeStomp(node?.ports.stomp ?? 0)).resolves.toMatchObject({
      outcome: 'connected',
      server: `ActiveMQ/${single.distribution.version}`,
    });
    expect(await single.logs('broker1')).toMatch(/==== start [^]*started[^]*==== start [^]*started/);
    const { folder } = single.description;
    const pid = node?.pid ?? 0;
    await Promise.all([single.down(), single.down()]);
    expect(existsSync(folder)).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(single.start('broker1')).rejects.toThrow('the cluster is down');
  });

  it('stays silent while it is paused', async () => {
    const single = await start({ topology: 'single' });
    await single.pause('broker1');
    expect(await states(single)).toEqual(['paused']);
    await expect(probeStomp(single.node('broker1').ports.stomp, undefined, 300)).resolves.toEqual({ outcome: 'silent' });
    await expect(single.stop('broker1')).rejects.toThrow('resume or kill it');
    await single.resume('broker1');
    expect(await states(single)).toEqual(['master']);
  });
});

describe('brokers on a shared file system', () => {
  it('change places within five seconds when the master is killed, again and again', async () => {
    const shared = await start({ topology: 'shared-file', nodes: 3 });
    expect(await states(shared)).toEqual(['master', 'slave', 'slave']);
    await expect(probeStomp(shared.node('broker2').ports.stomp)).resolves.toMatchObject({ outcome: 'closed' });
    for (let round = 0; round < 3; round++) {
      const killed = await shared.killMaster();
      const since = performance.now();
      const master = await shared.waitForMaster(10_000);
      expect(performance.now() - since).toBeLessThan(5_000);
      expect(master.name).not.toBe(killed.name);
      await shared.start(killed.name);
      expect(killed.state).toBe('slave');
    }
    expect((await states(shared)).toSorted()).toEqual(['master', 'slave', 'slave']);
  });

  it('leave a paused master its lock: nobody takes over', async () => {
    const shared = await start({ topology: 'shared-file' });
    await shared.pause('broker1');
    await expect(shared.waitForMaster(1_500)).rejects.toMatchObject({ code: 'NO_MASTER' });
    await shared.kill('broker1');
    expect((await shared.waitForMaster()).name).toBe('broker2');
  });

  it('hand over when the master is stopped', async () => {
    const shared = await start({ topology: 'shared-file' });
    await shared.stop('broker1');
    expect((await shared.waitForMaster()).name).toBe('broker2');
  });
});
