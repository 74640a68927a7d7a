import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LOGGING_FILES } from '../config/logging.js';
import { ClusterError } from '../errors.js';

/** Every cluster's folder is the temporary folder's child of this name and six characters. */
export const CLUSTER_FOLDER_PREFIX = 'nestjs-activemq-cluster-';

/** Makes a cluster's folder under the temporary folder, for this user's eyes only, with the places its brokers need. */
export async function createClusterFolder(): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), CLUSTER_FOLDER_PREFIX));
  await Promise.all(['pids', 'conf', 'log', 'data', 'tmp'].map(async (name) => mkdir(join(folder, name))));
  await Promise.all(
    Object.entries(LOGGING_FILES).map(async ([name, lines]) => writeFile(join(folder, 'conf', name), `${lines.join('\n')}\n`)),
  );
  return folder;
}

/** Whether a path is one that `createClusterFolder` could have returned: nothing else is ever removed. */
export async function isClusterFolder(path: string): Promise<boolean> {
  return dirname(path) === (await realpath(tmpdir())) && /^nestjs-activemq-cluster-[A-Za-z0-9]{6}$/.test(basename(path));
}

/** Removes a cluster's folder with all its data; resolves when it is gone already. Refuses any path that is not a cluster's folder. */
export async function removeClusterFolder(path: string): Promise<void> {
  if (!(await isClusterFolder(path))) {
    throw new ClusterError('BAD_STATE_FILE', `${path} is not a cluster's folder and is not removed; look at it and remove it by hand`);
  }
  // A JVM that was just killed may still finish a write: tried again for up to about a second.
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}
