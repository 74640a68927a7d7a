import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../../libs/cluster/src/index.js';
import { PrivateMachine } from './machine.fixture.js';
import { receiveFrom, sendTo } from './stomp.fixture.js';

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.down();
  cluster = undefined;
});

describe('brokers on one database', () => {
  it('keep messages while the master is killed, and while the database is', async () => {
    const jdbc = await startCluster({ topology: 'jdbc' });
    cluster = jdbc;
    expect(await jdbc.status()).toMatchObject([
      { name: 'broker1', state: 'master' },
      { name: 'broker2', state: 'slave', waitsFor: 'the lock in the database' },
    ]);
    expect(await jdbc.serviceStatus()).toMatchObject([{ name: 'database', kind: 'database', state: 'running' }]);
    await sendTo(jdbc.node('broker1').ports.stomp, 'orders', 'first');
    await sendTo(jdbc.node('broker1').ports.stomp, 'later', 'second');
    await jdbc.killMaster();
    const master = await jdbc.waitForMaster();
    expect(master.name).toBe('broker2');
    expect(await receiveFrom(master.ports.stomp, 'orders')).toBe('first');

    await jdbc.kill('database');
    await expect
      .poll(() => jdbc.status(), { timeout: 15_000 })
      .toMatchObject([{ state: 'stopped' }, { state: 'starting', waitsFor: 'the database' }]);
    expect(await jdbc.serviceStatus()).toMatchObject([{ state: 'stopped' }]);
    await jdbc.start('database');
    await jdbc.waitForMaster();
    expect(await receiveFrom(master.ports.stomp, 'later')).toBe('second');
  });

  it('end with the process that started them, the database and all its processes too', async () => {
    const machine = await PrivateMachine.create();
    try {
      const parent = machine.start(new URL('./parent.fixture.ts', import.meta.url), 'jdbc');
      const [marker] = parent.stdout ? ((await once(parent.stdout, 'data')) as [Buffer]) : [];
      const carriers = (): Promise<number[]> => machine.processes(String(marker).trim());
      // Two brokers, the watchdog, and PostgreSQL, which is never alone.
      expect((await carriers()).length).toBeGreaterThan(4);
      parent.kill('SIGKILL');
      await expect.poll(carriers, { timeout: 20_000 }).toEqual([]);
      expect(await machine.leftovers()).toEqual([]);
    } finally {
      await machine.dispose();
    }
  });
});
