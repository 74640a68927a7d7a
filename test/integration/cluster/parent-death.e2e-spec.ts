import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLUSTER_TOOL, PrivateMachine } from './machine.fixture.js';

const PARENT = new URL('./parent.fixture.ts', import.meta.url);

let machine: PrivateMachine;
beforeEach(async () => {
  machine = await PrivateMachine.create();
});
afterEach(async () => {
  await machine.dispose();
});

const soon = { timeout: 20_000, interval: 50 };

describe('brokers of the library end with the process that started them', () => {
  it('when it is killed with kill -9, a paused broker included', async () => {
    const parent = machine.start(PARENT);
    if (parent.stdout) {
      await once(parent.stdout, 'data');
    }
    // Two brokers and their watchdog.
    expect(await machine.processes()).toHaveLength(3);
    parent.kill('SIGKILL');
    await expect.poll(() => machine.leftovers(), soon).toEqual([]);
  });

  it.each([
    ['the folder is made', () => machine.clusterFolders()],
    ['the first broker is being started', () => machine.startedBrokers()],
  ])('when it is killed as soon as %s', async (_, sign) => {
    const parent = machine.start(PARENT);
    await expect.poll(sign, { timeout: 20_000, interval: 1 }).not.toEqual([]);
    parent.kill('SIGKILL');
    await expect.poll(() => machine.leftovers(), soon).toEqual([]);
  });

  it('when it just ends without taking anything down', async () => {
    const parent = machine.start(PARENT);
    if (parent.stdout) {
      await once(parent.stdout, 'data');
    }
    parent.kill('SIGTERM');
    await expect.poll(() => machine.leftovers(), soon).toEqual([]);
  });
});

describe('the command line tool', () => {
  it.each([
    ['the first broker is being started', ['broker1']],
    ['the second broker is being started', ['broker1', 'broker2']],
  ])('leaves nothing behind when it is killed as soon as %s', async (_, brokers) => {
    const tool = machine.start(CLUSTER_TOOL, 'up', 'shared-file');
    await expect.poll(() => machine.startedBrokers(), { timeout: 20_000, interval: 1 }).toEqual(brokers);
    tool.kill('SIGKILL');
    await expect.poll(() => machine.leftovers(), soon).toEqual([]);
    expect((await machine.cli('status')).code).toBe(1);
  });
});
