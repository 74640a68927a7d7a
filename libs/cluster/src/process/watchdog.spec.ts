import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManagedProcess } from './managed-process.js';
import { chooseClusterFolder, createClusterFolder, removeClusterFolder } from './folder.js';
import { startWatchdog } from './watchdog.js';

const MARKER = 'watchdog-spec-marker';
const started: ManagedProcess[] = [];
let folder: string;
beforeEach(async () => {
  folder = await chooseClusterFolder();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.signal('SIGKILL')));
  await removeClusterFolder(folder);
});

/** A process that stands for a broker, and has written its pid down. */
async function standIn(name: string, marker: string): Promise<ManagedProcess> {
  const pidFile = join(folder, 'pids', name);
  const process = await ManagedProcess.spawn({
    program: execPath,
    arguments: ['-e', 'setInterval(() => 0, 1000)', '--', marker],
    pidFile,
    logFile: join(folder, 'log', `${name}.log`),
    workingDirectory: '/',
    marker,
  });
  started.push(process);
  await expect.poll(() => readFile(pidFile, 'utf8')).toBe(`${process.pid}\n`);
  return process;
}

describe('the watchdog', () => {
  it('kills what carries the marker, and nothing else, when the pipe closes', async () => {
    const watchdog = await startWatchdog(folder, MARKER);
    await createClusterFolder(folder);
    const ours = await standIn('broker1', `${MARKER}/broker1`);
    const paused = await standIn('broker2', `${MARKER}/broker2`);
    await paused.signal('SIGSTOP');
    const stranger = await standIn('broker3', 'somebody-else');
    watchdog.abandon();
    await expect.poll(() => existsSync(folder), { timeout: 15_000 }).toBe(false);
    await expect(ours.waitForExit(5_000)).resolves.toBe(true);
    await expect(paused.waitForExit(5_000)).resolves.toBe(true);
    await expect(stranger.state()).resolves.toBe('running');
  }, 30_000);

  it('touches nothing once it was told to let go', async () => {
    const watchdog = await startWatchdog(folder, MARKER);
    await createClusterFolder(folder);
    const ours = await standIn('broker1', `${MARKER}/broker1`);
    await watchdog.release();
    await watchdog.release();
    expect(existsSync(folder)).toBe(true);
    await expect(ours.state()).resolves.toBe('running');
  });

  it('has nothing to do when the folder was never made', async () => {
    const watchdog = await startWatchdog(folder, MARKER);
    watchdog.abandon();
    await watchdog.ended;
    expect(existsSync(folder)).toBe(false);
  });
});
