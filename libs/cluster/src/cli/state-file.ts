import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClusterDescription } from '../cluster-description.js';
import { ClusterError } from '../errors.js';
import { isClusterFolder } from '../process/folder.js';
import { userCacheFolder } from '../provision/environment.js';
import { parseDescription } from './state-schema.js';

/** Larger is not ours, in bytes. */
const MOST_BYTES = 256 * 1024;

/** Where the cluster of that name is written down. */
export function stateFilePath(name: string, cacheFolder = userCacheFolder()): string {
  return join(cacheFolder, 'clusters', `${name}.json`);
}

/** Writes the description down, whole or not at all. Throws a ClusterError `WRONG_STATE` when there is one already. */
export async function saveState(path: string, description: ClusterDescription): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(description, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A link never replaces: of two tools that start the same cluster at once, one wins.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      throw new ClusterError('WRONG_STATE', `another cluster of that name came up meanwhile (${path}); take it down, or use --name`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The description in the file; undefined when there is none. Throws a ClusterError `BAD_STATE_FILE` when this tool cannot have written it. */
export async function loadState(path: string): Promise<ClusterDescription | undefined> {
  const text = await readOwnFile(path);
  if (text === undefined) {
    return undefined;
  }
  try {
    const description = parseDescription(text);
    if (!(await isClusterFolder(description.folder))) {
      throw new Error('folder must be a cluster folder in the temporary folder');
    }
    return description;
  } catch (error) {
    throw badFile(path, error instanceof Error ? error.message : String(error));
  }
}

/** Forgets the cluster; fine when it was forgotten already. */
export async function removeState(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The file names programs that will be run: nobody else may have been able to write it. */
async function readOwnFile(path: string): Promise<string | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  try {
    const { uid, mode, size } = await file.stat();
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
      throw badFile(path, 'others than you can write it');
    }
    if (size > MOST_BYTES) {
      throw badFile(path, `it has ${size} bytes`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function badFile(path: string, why: string): ClusterError {
  return new ClusterError(
    'BAD_STATE_FILE',
    `${path} was not written by this tool: ${why}. Look at it, end by hand what it names, and remove it`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
