import { randomInt } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { ClusterError } from '../errors.js';
import { CLUSTER_FOLDER_PREFIX } from './folder.js';

/** Below the range from which systems take ports for outgoing connections: a slave's port stays closed for long, and nobody else must get it meanwhile. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 2_000;

/**
 * Chooses `count` ports on 127.0.0.1 that nobody listens on and no other cluster under the same temporary folder has, and notes them in
 * `<folder>/ports/`, so that they stay this cluster's across restarts. Throws a ClusterError when too few are free.
 */
export async function reservePorts(folder: string, count: number): Promise<number[]> {
  const taken = await portsOfAllClusters(dirname(folder));
  const chosen: number[] = [];
  for (let attempt = 0; attempt < TRIES && chosen.length < count; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port);
      chosen.push(port);
      await writeFile(join(folder, 'ports', String(port)), '');
    }
  }
  if (chosen.length < count) {
    throw new ClusterError('START_FAILED', `no ${count} free ports between ${LOWEST} and ${HIGHEST} on 127.0.0.1; stop what listens there`);
  }
  return chosen;
}

/** Notes ports that were chosen by somebody else. Throws a ClusterError `PORT_TAKEN` that names those another program or cluster has. */
export async function takePorts(folder: string, ports: readonly number[]): Promise<void> {
  const noted = await portsOfAllClusters(dirname(folder));
  const free = await Promise.all(ports.map(async (port) => !noted.has(port) && (await isFree(port))));
  const taken = ports.filter((_, index) => !free[index]);
  if (taken.length > 0) {
    throw new ClusterError(
      'PORT_TAKEN',
      `port ${taken.join(', ')} on 127.0.0.1 is taken; stop what listens there, or leave --ports documented out`,
    );
  }
  await Promise.all(ports.map(async (port) => writeFile(join(folder, 'ports', String(port)), '')));
}

/** Every port that a cluster whose folder is in `parent` has noted, whether it listens on it now or not. */
export async function portsOfAllClusters(parent: string): Promise<Set<number>> {
  const folders = (await readdir(parent)).filter((name) => name.startsWith(CLUSTER_FOLDER_PREFIX));
  const names = await Promise.all(folders.map(async (name) => readdirOrNothing(join(parent, name, 'ports'))));
  return new Set(names.flat().map(Number));
}

async function readdirOrNothing(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    // Gone (taken down meanwhile), not made yet, or another user's.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(String(error.code))) {
      return [];
    }
    throw error;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
