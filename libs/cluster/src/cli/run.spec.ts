import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseClusterFolder, createClusterFolder, removeClusterFolder } from '../process/folder.js';
import { runCli } from './run.js';
import { loadState, saveState, stateFilePath } from './state-file.js';

let cache: string;
let folder: string;

const run = async (line: string): Promise<{ code: number; out: string; err: string }> => {
  let out = '';
  let err = '';
  const code = await runCli(line.split(' '), { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
};

/** A cluster that is written down and of which no broker runs. */
async function sleepingCluster(): Promise<void> {
  await createClusterFolder(folder);
  await writeFile(join(folder, 'log', 'broker1.log'), 'the broker said this\n');
  await saveState(stateFilePath('default'), {
    topology: 'single',
    folder,
    marker: '0'.repeat(32),
    distribution: { version: '5.17.2', source: 'debian', home: '/usr/share/activemq', java: 'java', classPath: 'x' },
    jvmOptions: [],
    startTimeout: 1000,
    nodes: [{ name: 'broker1', ports: { stomp: 20_001, openwire: 20_002 } }],
    services: [],
  });
}

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'run-spec-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  folder = await chooseClusterFolder();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await removeClusterFolder(folder);
  await rm(cache, { recursive: true });
});

describe('runCli without a cluster', () => {
  it('explains itself', async () => {
    await expect(run('help')).resolves.toMatchObject({ code: 0, out: expect.stringContaining('Usage:') as string });
  });

  it('ends with 2 when the command line makes no sense', async () => {
    await expect(run('up ring')).resolves.toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/no topology 'ring'[^]*Usage:/) as string,
    });
    await expect(run('install --version x')).resolves.toMatchObject({
      code: 2,
      err: expect.stringContaining('not an ActiveMQ version') as string,
    });
  });

  it('has a status, nothing to take down, and nothing to act on', async () => {
    await expect(run('status')).resolves.toMatchObject({ code: 1, out: expect.stringContaining("No cluster 'default' is up") as string });
    const { out } = await run('status --json --name other');
    expect(JSON.parse(out)).toEqual({ name: 'other', up: false, master: null, nodes: [], services: [] });
    await expect(run('down')).resolves.toMatchObject({ code: 0 });
    await expect(run('kill-master')).resolves.toMatchObject({ code: 1, err: expect.stringContaining('up shared-file') as string });
  });
});

describe('runCli with a cluster whose brokers are all dead', () => {
  beforeEach(sleepingCluster);

  it('shows it', async () => {
    await expect(run('status')).resolves.toMatchObject({
      code: 0,
      out: expect.stringMatching(/broker1 {2}stopped .*stomp 20001/) as string,
    });
    await expect(run('logs broker1')).resolves.toMatchObject({ code: 0, out: 'the broker said this\n' });
  });

  it.each([
    ['kill-master', 'there is no master to kill'],
    ['kill broker1', 'node broker1 does not run'],
    ['stop broker1', 'node broker1 does not run'],
    ['kill broker2', "there is no node 'broker2'; the nodes are broker1"],
    ['up single', "cluster 'default' is up already"],
  ])('answers "%s" with a reason', async (line, reason) => {
    await expect(run(line)).resolves.toMatchObject({ code: 1, err: expect.stringContaining(reason) as string });
  });

  it('takes it down, twice', async () => {
    await expect(run('down')).resolves.toMatchObject({ code: 0, out: expect.stringContaining('is down') as string });
    expect(existsSync(folder)).toBe(false);
    await expect(loadState(stateFilePath('default'))).resolves.toBeUndefined();
    await expect(run('down')).resolves.toMatchObject({ code: 0, out: expect.stringContaining("No cluster 'default'") as string });
  });

  it('believes the folder, not what is written down, when the folder is gone', async () => {
    await rm(folder, { recursive: true });
    await expect(run('status')).resolves.toMatchObject({ code: 1 });
    await expect(run('down')).resolves.toMatchObject({ code: 0 });
    await expect(loadState(stateFilePath('default'))).resolves.toBeUndefined();
  });
});
