import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What `npm run cluster` runs. */
export const CLUSTER_TOOL = new URL('../../../libs/cluster/src/cli.ts', import.meta.url);

/** How a program ended and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A corner of this machine with its own temporary and cache folder: whatever a tool leaves behind is found there. */
export class PrivateMachine {
  private constructor(readonly folder: string) {}

  static async create(): Promise<PrivateMachine> {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'cluster-e2e-'));
    // As /tmp itself: PostgreSQL, as a user of its own, has to get through.
    await chmod(folder, 0o711);
    return new PrivateMachine(folder);
  }

  /** Starts a TypeScript file, in one process. */
  start(file: URL, ...args: string[]): ChildProcess {
    return this.spawn([], file, args);
  }

  private spawn(before: readonly string[], file: URL, args: readonly string[]): ChildProcess {
    const [program = process.execPath, ...words] = [...before, process.execPath, '--import', 'tsx', fileURLToPath(file), ...args];
    return spawn(program, words, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: this.folder, XDG_CACHE_HOME: join(this.folder, 'cache') },
    });
  }

  /** Runs the cluster tool to its end. */
  async cli(...args: string[]): Promise<Ended> {
    return this.end(this.start(CLUSTER_TOOL, ...args));
  }

  /** The same for a root that may not touch the network. */
  async cliWithoutNetwork(...args: string[]): Promise<Ended> {
    return this.end(this.spawn(['setpriv', '--bounding-set=-net_admin,-sys_admin', '--'], CLUSTER_TOOL, args));
  }

  private async end(child: ChildProcess): Promise<Ended> {
    const [out, err] = await Promise.all([
      child.stdout ? text(child.stdout) : '',
      child.stderr ? text(child.stderr) : '',
      once(child, 'close'),
    ]);
    return { code: child.exitCode, out, err };
  }

  /** Folders of clusters that are there now. */
  async clusterFolders(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => name.startsWith('nestjs-activemq-cluster-'));
  }

  /** Names of brokers that have written their process id down. */
  async startedBrokers(): Promise<string[]> {
    const lists = await Promise.all(
      (await this.clusterFolders()).map((name) => readdir(join(this.folder, name, 'pids')).catch((): string[] => [])),
    );
    return lists.flat();
  }

  /** Processes that have to do with this corner, brokers and watchdogs, or with other words, by their command lines. */
  async processes(words = this.folder): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    return pids.filter((_, index) => lines[index]?.includes(words)).map(Number);
  }

  /** Loses the folders, as a restart of the machine does. */
  async removeClusterFolders(): Promise<void> {
    await Promise.all((await this.clusterFolders()).map((name) => rm(join(this.folder, name), { recursive: true })));
  }

  /** Network namespaces of clusters whose folders are or were in this corner. */
  async namespaces(folders: readonly string[]): Promise<string[]> {
    const names = await readdir('/var/run/netns').catch((): string[] => []);
    return names.filter((name) => folders.some((folder) => name.includes(folder.slice(-12))));
  }

  /** What is left of clusters: `[]` when all was tidied up. */
  async leftovers(): Promise<unknown[]> {
    return [...(await this.clusterFolders()), ...(await this.processes())];
  }

  /** Ends what a failed test left, and removes the corner. */
  async dispose(): Promise<void> {
    for (const pid of await this.processes()) {
      process.kill(pid, 'SIGKILL');
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
