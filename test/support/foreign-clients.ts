import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A STOMP client in another language, as Debian packages it. */
interface ForeignClient {
  readonly debianPackage: string;
  /** Debian's own interpreter: another one on the PATH does not see Debian's libraries. */
  readonly interpreter: string;
  /** Prints the client's version. */
  readonly versionCommand: readonly string[];
}

/** At least two languages that are not ours. */
const FOREIGN_CLIENTS = {
  python: {
    debianPackage: 'python3-stomp',
    interpreter: '/usr/bin/python3',
    versionCommand: ['-c', 'import stomp; print(".".join(str(part) for part in stomp.__version__))'],
  },
  perl: {
    debianPackage: 'libnet-stomp-perl',
    interpreter: '/usr/bin/perl',
    versionCommand: ['-MNet::Stomp', '-e', 'print $Net::Stomp::VERSION'],
  },
} as const satisfies Record<string, ForeignClient>;

/** A client that {@link provisionForeignClients} provides. */
export type ForeignClientName = keyof typeof FOREIGN_CLIENTS;

/**
 * Finds the clients, and installs those Debian packages that are missing when this is root.
 *
 * @returns each client's version
 * @throws Error that says what to install
 */
export async function provisionForeignClients(): Promise<Record<ForeignClientName, string>> {
  const missing: string[] = [];
  for (const client of Object.values(FOREIGN_CLIENTS)) if ((await versionOf(client)) === undefined) missing.push(client.debianPackage);
  if (missing.length > 0) await install(missing);
  return { python: await installed('python'), perl: await installed('perl') };
}

/**
 * Runs a client's script; `arguments_` come behind the script.
 *
 * @returns what it printed, a line each
 * @throws Error with its output when it fails or takes more than 60 s
 */
export async function runForeignClient(client: ForeignClientName, script: string, ...arguments_: readonly string[]): Promise<string[]> {
  const { stdout } = await run(FOREIGN_CLIENTS[client].interpreter, [script, ...arguments_], { timeout: 60_000 });
  return stdout.split('\n').filter((line) => line !== '');
}

async function installed(name: ForeignClientName): Promise<string> {
  const client = FOREIGN_CLIENTS[name];
  const version = await versionOf(client);
  if (version !== undefined) return version;
  throw new Error(`${client.debianPackage} is installed, but ${client.interpreter} does not find it. Cure: reinstall the package`);
}

/** Undefined when the interpreter or its library is not there. */
async function versionOf({ interpreter, versionCommand }: ForeignClient): Promise<string | undefined> {
  try {
    const { stdout } = await run(interpreter, [...versionCommand], { timeout: 30_000 });
    return stdout.trim();
  } catch (error) {
    // No interpreter, or one that ended because the library is missing.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || typeof error.code === 'number')) return undefined;
    throw error;
  }
}

async function install(packages: readonly string[]): Promise<void> {
  const names = packages.join(' ');
  if (process.getuid?.() !== 0) throw new Error(`The Debian packages ${names} are not installed. Cure: as root, apt-get install ${names}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const command = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
  try {
    await run('apt-get', command, { env }).catch(async () => {
      await run('apt-get', ['update'], { env });
      return run('apt-get', command, { env });
    });
  } catch (error) {
    throw new Error(`apt-get could not install ${names}. Cure: install these packages of Debian 12 or later by hand`, { cause: error });
  }
}
