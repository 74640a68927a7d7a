import { delimiter, join } from 'node:path';
import { ClusterError } from '../errors.js';
import { aptGet, whyNoApt } from './apt.js';
import type { ProvisionEnvironment } from './environment.js';

/** Debian and Ubuntu keep every version's programs in a folder of its own, outside the PATH. */
const VERSIONS = '/usr/lib/postgresql';
const CURE = 'as root: apt-get install postgresql, or put the folder of postgres and initdb on the PATH';

/** A PostgreSQL server that can be started on this machine. */
export interface DatabasePrograms {
  /** Folder of `postgres` and `initdb`. */
  readonly programs: string;
  /** Whom to run it as, when this is root. */
  readonly user?: string;
}

/** Finds PostgreSQL, or installs Debian's package when this is root. Throws a ClusterError `NO_DATABASE` that says what to install. */
export async function provisionPostgresql(environment: ProvisionEnvironment): Promise<DatabasePrograms> {
  const programs = (await find(environment)) ?? (await install(environment));
  if (!environment.isRoot) {
    return { programs };
  }
  if ((await environment.run('id', ['-u', 'postgres'])).code !== 0) {
    throw new ClusterError(
      'NO_DATABASE',
      'PostgreSQL does not run as root, and there is no user postgres; as root: useradd --system postgres',
    );
  }
  return { programs, user: 'postgres' };
}

async function find(environment: ProvisionEnvironment): Promise<string | undefined> {
  const versions = (await environment.list(VERSIONS)).map(Number).filter((version) => version > 0);
  const folders = [
    ...versions.toSorted((a, b) => b - a).map((version) => join(VERSIONS, String(version), 'bin')),
    ...(environment.variables['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/')),
  ];
  for (const folder of folders) {
    const both = await Promise.all(['postgres', 'initdb'].map(async (name) => environment.exists(join(folder, name))));
    if (!both.includes(false)) {
      return folder;
    }
  }
  return undefined;
}

async function install(environment: ProvisionEnvironment): Promise<string> {
  const obstacle = await whyNoApt(environment);
  if (obstacle !== undefined) {
    throw new ClusterError('NO_DATABASE', `PostgreSQL is not installed, and ${obstacle}; ${CURE}`);
  }
  environment.progress('Installing the Debian package postgresql with apt-get ...');
  const complaint = await aptGet(environment, ['postgresql']);
  const found = await find(environment);
  if (found === undefined) {
    throw new ClusterError('NO_DATABASE', `apt-get did not bring PostgreSQL${complaint ? `: ${complaint}` : ''}; ${CURE}`);
  }
  return found;
}
