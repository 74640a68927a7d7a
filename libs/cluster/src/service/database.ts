import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClusterDescription } from '../cluster-description.js';
import { ClusterError } from '../errors.js';
import type { NodeCommand } from '../managed-node.js';
import { LOOPBACK } from '../namespace/addresses.js';
import type { DatabaseDescription } from './service-description.js';

/** Where PostgreSQL's files are inside the cluster's folder. */
function dataFolder(folder: string, name: string): string {
  return join(folder, 'data', name);
}

/** `initdb`: an empty server that lets only its own user in, by the password it resolves with. Throws a ClusterError that says what PostgreSQL said. */
export async function createDatabase(folder: string, { name, host, programs, user }: DatabaseDescription): Promise<string> {
  const data = dataFolder(folder, name);
  const passwordFile = `${data}.password`;
  const password = randomBytes(18).toString('base64url');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).trim())));
    await Promise.all([data, passwordFile].map(async (path) => chown(path, uid ?? 0, gid ?? 0)));
    // Somebody else has to get through to its own folder; the names and files in it stay closed.
    await chmod(folder, 0o711);
  }
  try {
    const options = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-N'];
    await run(...as(user, join(programs, 'initdb'), options));
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    const cure = user === undefined ? '' : `; the user ${user} must be able to enter ${folder}: choose a TMPDIR that it can enter`;
    throw new ClusterError('START_FAILED', `PostgreSQL's initdb failed: ${said}${cure}`, { cause: error });
  } finally {
    await rm(passwordFile);
  }
  if (host !== undefined) {
    // initdb lets 127.0.0.1 in and nobody else.
    await appendFile(join(data, 'pg_hba.conf'), 'host all all 127.0.0.0/8 scram-sha-256\n');
  }
  return password;
}

/** The server, on its own address only. */
export function databaseCommand(
  { folder, marker }: ClusterDescription,
  { name, host = LOOPBACK, ports, programs, user }: DatabaseDescription,
): NodeCommand {
  const settings = {
    port: ports.postgresql,
    listen_addresses: host,
    unix_socket_directories: '',
    // In the titles of its child processes too.
    cluster_name: `${marker}/${name}`,
    // A server that is killed leaves nothing outside its folder.
    dynamic_shared_memory_type: 'mmap',
    log_min_messages: 'warning',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const [program, args] = as(user, join(programs, 'postgres'), ['-D', dataFolder(folder, name), ...options]);
  return { program, arguments: args, marker: `${marker}/${name}` };
}

/** The command as it is, or as the other user's; `setpriv` becomes the program, so that the process id stays. */
function as(user: string | undefined, program: string, args: readonly string[]): [string, string[]] {
  return user === undefined
    ? [program, [...args]]
    : ['setpriv', ['--reuid', user, '--regid', user, '--clear-groups', '--', program, ...args]];
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], { cwd: '/', timeout: 120_000 });
  return stdout;
}
