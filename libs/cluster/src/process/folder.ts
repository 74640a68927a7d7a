import { randomBytes } from 'node:crypto';
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LOGGING_FILES } from '../config/logging.js';
import { ClusterError } from '../errors.js';

/** Every cluster's folder is the temporary folder's child of this name and twelve random hexadecimal digits. */
export const CLUSTER_FOLDER_PREFIX = 'nestjs-activemq-cluster-';

/** A path for a new cluster's folder: known before the folder is there, so that somebody can be on guard over it by then. */
export async function chooseClusterFolder(): Promise<string> {
  return join(await realpath(tmpdir()), CLUSTER_FOLDER_PREFIX + randomBytes(6).toString('hex'));
}

/** Makes a cluster's folder, for this user's eyes only, with the places its brokers need. Rejects when the path exists. */
export async function createClusterFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await Promise.all(['pids', 'conf', 'log', 'data', 'tmp', 'ports'].map((name) => mkdir(join(folder, name))));
  await Promise.all(Object.entries(LOGGING_FILES).map(([name, lines]) => writeFile(join(folder, 'conf', name), `${lines.join('\n')}\n`)));
}

/** Whether a path is one that `chooseClusterFolder` could have returned: nothing else is ever removed. */
export async function isClusterFolder(path: string): Promise<boolean> {
  return dirname(path) === (await realpath(tmpdir())) && /^nestjs-activemq-cluster-[0-9a-f]{12}$/.test(basename(path));
}

/** Removes a cluster's folder with all its data; resolves when it is gone already. Refuses any path that is not a cluster's folder. */
export async function removeClusterFolder(path: string): Promise<void> {
  if (!(await isClusterFolder(path))) {
    throw new ClusterError('BAD_STATE_FILE', `${path} is not a cluster's folder and is not removed; look at it and remove it by hand`);
  }
  // A JVM that was just killed may still finish a write: tried again for up to about a second.
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}
