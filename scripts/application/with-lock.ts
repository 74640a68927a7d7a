import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_INTERVAL = 100;
const PATIENCE = 300_000;

/**
 * Does `work` while no other process does work under the same lock file; the lock of a process that is gone does not count.
 *
 * @throws Error when the lock is not free within 5 minutes
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const deadline = performance.now() + PATIENCE;
  while (!(await take(path))) {
    if (performance.now() > deadline) throw new Error(`${path} is still held by process ${await holder(path)}; remove it if that is wrong`);
    await delay(LOOK_INTERVAL);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const pid = await holder(path);
  // An empty file is one that is just being written.
  if (pid !== undefined && !isAlive(pid)) await rm(path, { force: true });
  return false;
}

async function holder(path: string): Promise<number | undefined> {
  try {
    return Number(await readFile(path, 'utf8')) || undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
