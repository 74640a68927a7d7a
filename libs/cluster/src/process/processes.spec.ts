import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManagedProcess } from './managed-process.js';
import { chooseClusterFolder, createClusterFolder, isClusterFolder, removeClusterFolder } from './folder.js';
import { processState } from './identity.js';
import { portsOfAllClusters, reservePorts } from './ports.js';

let folder: string;
beforeEach(async () => {
  folder = await chooseClusterFolder();
  await createClusterFolder(folder);
});
afterEach(async () => {
  await removeClusterFolder(folder);
});

const standIn = (marker: string) => ({
  program: process.execPath,
  arguments: ['-e', 'process.stdin.resume(); setInterval(() => 0, 1000)', '--', marker],
  pidFile: join(folder, 'pids', 'broker1'),
  logFile: join(folder, 'log', 'broker1.log'),
  workingDirectory: folder,
  marker,
});

describe('a broker process', () => {
  it('is found by its pid file, paused, resumed, killed', async () => {
    const started = await ManagedProcess.spawn(standIn('marker-of-this-test/broker1'));
    const find = () => ManagedProcess.find(join(folder, 'pids', 'broker1'), 'marker-of-this-test/broker1');
    await expect.poll(async () => (await find())?.pid).toBe(started.pid);
    const found = await find();
    await expect(started.state()).resolves.toBe('running');
    await started.signal('SIGSTOP');
    await expect.poll(() => started.state()).toBe('paused');
    await started.signal('SIGCONT');
    await expect.poll(() => started.state()).toBe('running');
    await expect(started.waitForExit(20)).resolves.toBe(false);
    await expect(started.signal('SIGKILL')).resolves.toBe(true);
    await expect(started.waitForExit(10_000)).resolves.toBe(true);
    await expect(started.signal('SIGKILL')).resolves.toBe(false);
    await expect(found?.signal('SIGKILL')).resolves.toBe(false);
  });

  it('is never another program that got the same pid', async () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(stranger, 'spawn');
    const pidFile = join(folder, 'pids', 'broker1');
    await writeFile(pidFile, `${stranger.pid}\n`);
    await expect(ManagedProcess.find(pidFile, 'our-marker')).resolves.toBeUndefined();
    expect(stranger.exitCode).toBeNull();
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  it.each(['', '-1', '0', '1', 'x', '99999999999999', '12 34'])('is not looked for under the pid %j', async (text) => {
    const pidFile = join(folder, 'pids', 'broker1');
    await writeFile(pidFile, text);
    await expect(ManagedProcess.find(pidFile, '')).resolves.toBeUndefined();
  });

  it('does not start when its folder is gone', async () => {
    const command = { ...standIn('m'), pidFile: join(folder, 'gone', 'broker1') };
    const started = await ManagedProcess.spawn(command);
    await expect(started.waitForExit(10_000)).resolves.toBe(true);
  });
});

describe('processState', () => {
  it.each([-1, 0, 1, Number.NaN, 2.5])('takes %d for nobody', async (pid) => {
    await expect(processState(pid, '')).resolves.toBe('absent');
  });

  it('knows this process by its command line only', async () => {
    await expect(processState(process.pid, 'no such words')).resolves.toBe('absent');
    await expect(processState(process.pid, 'node')).resolves.toBe('running');
  });
});

describe('a cluster folder', () => {
  it('is the only kind of folder that is removed', async () => {
    await expect(isClusterFolder(folder)).resolves.toBe(true);
    const other = await mkdtemp(join(await realpath(tmpdir()), 'something-else-'));
    await expect(removeClusterFolder(other)).rejects.toMatchObject({ code: 'BAD_STATE_FILE' });
    await expect(removeClusterFolder(join(folder, 'data'))).rejects.toMatchObject({ code: 'BAD_STATE_FILE' });
    await rm(other, { recursive: true });
    await removeClusterFolder(folder);
    await removeClusterFolder(folder);
  });
});

describe('reservePorts', () => {
  it('gives ports that differ, are free, and lie where no outgoing connection takes them', async () => {
    const ports = await reservePorts(folder, 6);
    expect(new Set(ports).size).toBe(6);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(32_768);
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
    }
  });

  it('leaves alone what another cluster has, listening or not', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'ports-spec-'));
    const one = join(parent, 'nestjs-activemq-cluster-One123');
    const two = join(parent, 'nestjs-activemq-cluster-Two456');
    await Promise.all([one, two].map((path) => mkdir(join(path, 'ports'), { recursive: true })));
    const ports = [...(await reservePorts(one, 2)), ...(await reservePorts(two, 1))];
    await mkdir(join(parent, 'nestjs-activemq-cluster-New789'));
    await expect(portsOfAllClusters(parent)).resolves.toEqual(new Set(ports));
    await rm(parent, { recursive: true });
  });
});
