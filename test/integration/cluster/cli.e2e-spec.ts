import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrivateMachine } from './machine.fixture.js';

interface Report {
  readonly up: boolean;
  readonly master: string | null;
  readonly brokerUrl: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly state: string;
    readonly pid?: number;
    readonly ports: { readonly stomp: number };
  }[];
}

let machine: PrivateMachine;
const status = async (): Promise<Report> => JSON.parse((await machine.cli('status', '--json')).out) as Report;
const states = (report: Report): Record<string, string> => Object.fromEntries(report.nodes.map(({ name, state }) => [name, state]));

beforeAll(async () => {
  machine = await PrivateMachine.create();
});
afterAll(async () => {
  await machine.dispose();
});

describe('npm run cluster', () => {
  it('brings a cluster up that lives on, kills its master, starts it again, takes all down', async () => {
    const up = await machine.cli('up', 'shared-file', '--nodes', '3');
    expect(up).toMatchObject({ code: 0, err: '' });
    const before = await status();
    expect(up.out).toContain(`ACTIVEMQ_BROKER_URL='${before.brokerUrl}'`);
    expect(before.brokerUrl).toBe(
      `failover:(${before.nodes.map(({ ports }) => `stomp://127.0.0.1:${ports.stomp}`).join(',')})?randomize=false`,
    );
    expect(states(before)).toEqual({ broker1: 'master', broker2: 'slave', broker3: 'slave' });
    // Three brokers; the watchdog has let go.
    expect(new Set(await machine.processes())).toEqual(new Set(before.nodes.map(({ pid }) => pid)));

    await expect(machine.cli('up', 'single')).resolves.toMatchObject({ code: 1, err: expect.stringContaining('up already') as string });
    await expect(machine.cli('kill-master')).resolves.toMatchObject({ code: 0, out: 'Killed broker1, the master.\n' });
    await expect.poll(async () => (await status()).master, { timeout: 10_000 }).toMatch(/^broker[23]$/);
    await expect(machine.cli('start', 'broker1')).resolves.toMatchObject({ code: 0, out: 'broker1 is slave.\n' });

    const after = await status();
    expect(after.brokerUrl).toBe(before.brokerUrl);
    const slave = after.nodes.find(({ name, state }) => state === 'slave' && name !== 'broker1')?.name ?? '';
    await expect(machine.cli('stop', slave)).resolves.toMatchObject({ code: 0 });
    await expect(machine.cli('kill', slave)).resolves.toMatchObject({ code: 1, err: expect.stringContaining('does not run') as string });
    const logs = await machine.cli('logs', 'broker1');
    expect(logs.out.match(/==== start /g)).toHaveLength(2);

    await expect(machine.cli('down')).resolves.toMatchObject({ code: 0, out: expect.stringContaining('is down') as string });
    expect(await machine.leftovers()).toEqual([]);
    await expect(machine.cli('down')).resolves.toMatchObject({ code: 0, out: "No cluster 'default' is up.\n" });
    expect((await status()).up).toBe(false);
  });

  it('keeps clusters of different names apart, and forgets one whose folder is gone', async () => {
    await expect(machine.cli('up', 'single', '--name', 'one')).resolves.toMatchObject({ code: 0 });
    await expect(machine.cli('status')).resolves.toMatchObject({ code: 1 });
    await expect(machine.cli('kill', 'broker1', '--name', 'one')).resolves.toMatchObject({ code: 0 });
    await machine.removeClusterFolders();
    await expect(machine.cli('status', '--name', 'one')).resolves.toMatchObject({ code: 1 });
    await expect(machine.cli('up', 'single', '--name', 'one')).resolves.toMatchObject({ code: 0 });
    await expect(machine.cli('down', '--name', 'one')).resolves.toMatchObject({ code: 0 });
    expect(await machine.leftovers()).toEqual([]);
  });

  it('follows a log, and watches, until the cluster is down', async () => {
    await machine.cli('up', 'single');
    const following = machine.cli('logs', 'broker1', '--follow');
    const watching = machine.cli('watch');
    await machine.cli('stop', 'broker1');
    // Longer than the second between two drawings.
    for (let looks = 0; looks < 4; looks++) expect((await machine.cli('status')).out).toMatch(/broker1 {2}stopped/);
    await machine.cli('start', 'broker1');
    await machine.cli('down');
    const { out, code } = await following;
    expect(code).toBe(0);
    expect(out.match(/==== start /g)).toHaveLength(2);
    const watched = await watching;
    expect(watched).toMatchObject({ code: 1, err: '' });
    // Drawn from the upper left corner each time, the last time without a cluster.
    expect(watched.out.split('\u001B[H').length).toBeGreaterThan(3);
    expect(watched.out).toMatch(/broker1 {2}stopped [^]*No cluster 'default' is up[^]*$/);
  });

  it('answers nonsense with the usage and exit code 2', async () => {
    const nonsense = await machine.cli('explode');
    expect(nonsense).toMatchObject({ code: 2, out: '' });
    expect(nonsense.err).toContain("unknown command 'explode'");
    expect(nonsense.err).toContain('Usage:');
  });

  it('shows what it would run', async () => {
    const { out, code } = await machine.cli('install');
    expect(code).toBe(0);
    expect(out).toMatch(/ActiveMQ \d+\.\d+\.\d+ \((ACTIVEMQ_HOME|maven|debian|docker)\)/);
  });
});
