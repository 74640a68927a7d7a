import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, type ClusterOptions, probeStomp, startCluster } from '../../../libs/cluster/src/index.js';
import { PrivateMachine } from './machine.fixture.js';

let cluster: Cluster | undefined;
const start = async (options: ClusterOptions): Promise<Cluster> => {
  cluster = await startCluster({ partitionable: true, ...options });
  return cluster;
};
const probe = async (of: Cluster, name: string, patience = 500): Promise<string> => {
  const { ports, host } = of.node(name);
  return (await probeStomp(ports.stomp, undefined, patience, host)).outcome;
};
const soon = { timeout: 20_000 };

afterEach(async () => {
  await cluster?.down();
  cluster = undefined;
});

describe('a node cut off the network', () => {
  it('is silent, keeps its lock, and is back when the cut is healed; nothing is left when it is taken down', async () => {
    const shared = await start({ topology: 'shared-file' });
    expect(shared.brokerUrl).toMatch(/^failover:\(stomp:\/\/127\.\d+\.\d+\.11:\d+,stomp:\/\/127\.\d+\.\d+\.12:\d+\)/);
    // A slave refuses as it does elsewhere: the port is closed, not silent.
    expect(await probe(shared, 'broker2')).toBe('closed');

    await shared.partition('broker1');
    expect(await probe(shared, 'broker1')).toBe('silent');
    expect(await shared.status()).toMatchObject([
      { name: 'broker1', state: 'partitioned', cutFrom: ['everything'] },
      { name: 'broker2', state: 'slave', waitsFor: 'the lock of the store' },
    ]);
    await expect(shared.waitForMaster(1_500)).rejects.toMatchObject({ code: 'NO_MASTER' });

    await shared.heal('broker1');
    expect(await shared.status()).toMatchObject([{ state: 'master' }, { state: 'slave' }]);
    expect((await shared.status())[0]).not.toHaveProperty('cutFrom');

    await shared.partition('broker1', { from: ['broker2'] });
    expect(await shared.status()).toMatchObject([
      { state: 'master', cutFrom: ['broker2'] },
      { state: 'slave', cutFrom: ['broker1'] },
    ]);
    const { folder } = shared.description;
    await shared.down();
    expect((await readdir('/var/run/netns')).filter((name) => name.includes(folder.slice(-12)))).toEqual([]);
  });

  it('stops being master when it cannot renew its lease; another is', async () => {
    const jdbc = await start({ topology: 'jdbc' });
    await jdbc.partition('broker1', { from: ['database'] });
    expect(await jdbc.serviceStatus()).toMatchObject([{ state: 'running', cutFrom: ['broker1'] }]);
    await expect.poll(async () => (await jdbc.node('broker2').status()).state, soon).toBe('master');
    // The driver gave up before the lease had run out, and the ports were closed. Whether that was so before the other one opened its own is measured in
    // docs/clusters.md, and not here: a machine that stands still for a second can be late with it.
    await expect.poll(async () => (await jdbc.node('broker1').status()).state, soon).toMatch(/^(?:starting|slave)$/);
    await jdbc.heal('broker1');
    await expect.poll(async () => (await jdbc.node('broker1').status()).state, soon).toBe('slave');
  });
});

describe('the command line tool', () => {
  it('cuts and heals', async () => {
    const machine = await PrivateMachine.create();
    try {
      await expect(machine.cli('up', 'single', '--partitionable')).resolves.toMatchObject({ code: 0 });
      const folders = await machine.clusterFolders();
      expect(await machine.namespaces(folders)).toHaveLength(2);
      const partition = await machine.cli('partition', 'broker1', '--from', 'clients');
      expect(partition).toMatchObject({ code: 0, out: 'broker1 is cut off from clients.\n' });
      expect((await machine.cli('status')).out).toMatch(/broker1 {2}partitioned .*cut off from clients/);
      await expect(machine.cli('heal', 'broker1')).resolves.toMatchObject({ code: 0, out: 'broker1 is reachable again.\n' });
      expect((await machine.cli('status')).out).toMatch(/broker1 {2}master/);
      await expect(machine.cli('partition', 'broker1', '--from', 'nobody')).resolves.toMatchObject({
        code: 1,
        err: expect.stringContaining("no node 'nobody'; there are broker1, clients") as string,
      });
      await expect(machine.cli('down')).resolves.toMatchObject({ code: 0 });
      expect(await machine.namespaces(folders)).toEqual([]);
    } finally {
      await machine.dispose();
    }
  });

  it('says why it cannot, what it takes, and what to do instead', async () => {
    const machine = await PrivateMachine.create();
    try {
      const refused = await machine.cliWithoutNetwork('up', 'single', '--partitionable');
      expect(refused).toMatchObject({ code: 1, out: '' });
      expect(refused.err).toMatch(/cannot get network namespaces of their own \(.*Operation not permitted.*\).*use 'pause'/);
      expect(await machine.leftovers()).toEqual([]);

      await machine.cli('up', 'single');
      await expect(machine.cli('partition', 'broker1')).resolves.toMatchObject({
        code: 1,
        err: expect.stringContaining('start it with --partitionable') as string,
      });
      await machine.cli('down');
    } finally {
      await machine.dispose();
    }
  });
});

describe('network namespaces', () => {
  it.each([
    ['all nodes run', 1, (machine: PrivateMachine) => machine.startedBrokers()],
    ['the first namespace is being made', 0, async (machine: PrivateMachine) => machine.namespaces(await machine.clusterFolders())],
  ])('are gone after kill -9 of their maker when %s', async (_, __, sign) => {
    const machine = await PrivateMachine.create();
    try {
      const parent = machine.start(new URL('./parent.fixture.ts', import.meta.url), 'shared-file', 'partitionable');
      const ended = once(parent, 'exit');
      await expect.poll(() => sign(machine), { ...soon, interval: 1 }).not.toEqual([]);
      const folders = await machine.clusterFolders();
      parent.kill('SIGKILL');
      await ended;
      await expect.poll(() => machine.leftovers(), soon).toEqual([]);
      await expect.poll(() => machine.namespaces(folders), soon).toEqual([]);
    } finally {
      await machine.dispose();
    }
  });
});
