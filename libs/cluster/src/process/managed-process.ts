import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from '../errors.js';
import { childrenOf, type ProcessState, processState } from './identity.js';

/** How a node's process is started. */
export interface ProcessCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly pidFile: string;
  readonly logFile: string;
  readonly workingDirectory: string;
  /** Stands in the arguments too, and tells our process from any other that got the same pid. */
  readonly marker: string;
}

/** Signals this tool sends. */
export type ProcessSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** The shell writes its pid, then becomes the program: the file is there before the node is, whoever dies meanwhile. */
const WRAPPER = 'echo $$ >"$0" && exec "$@"';

/** One node's process, ours (`spawn`) or found again by its pid file (`find`). */
export class ManagedProcess {
  private constructor(
    readonly pid: number,
    private readonly marker: string,
    private readonly child?: ChildProcess,
  ) {}

  /** Starts the program in a process group of its own, output appended to the log file. Rejects with the reason when it cannot be started. */
  static async spawn(command: ProcessCommand): Promise<ManagedProcess> {
    const log = await open(command.logFile, 'a', 0o600);
    try {
      const child = spawn('sh', ['-c', WRAPPER, command.pidFile, command.program, ...command.arguments], {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        cwd: command.workingDirectory,
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      if (child.pid === undefined) {
        throw new ClusterError('START_FAILED', `${command.program} did not get a process id; see ${command.logFile}`);
      }
      child.unref();
      return new ManagedProcess(child.pid, command.marker, child);
    } finally {
      await log.close();
    }
  }

  /** The node whose pid stands in the file, if it still runs and really is that node. */
  static async find(pidFile: string, marker: string): Promise<ManagedProcess | undefined> {
    const text = await readFile(pidFile, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return '';
      }
      throw error;
    });
    const pid = /^\d{1,9}\n?$/.test(text) ? Number.parseInt(text, 10) : 0;
    const found = new ManagedProcess(pid, marker);
    return (await found.state()) === 'absent' ? undefined : found;
  }

  /** What the process does now. */
  async state(): Promise<ProcessState> {
    const state = await processState(this.pid, this.marker);
    if (!this.child) {
      return state;
    }
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return 'absent';
    }
    // Its first thread may be gone while others still hold sockets and the lock: our own child is gone when the system says so.
    return state === 'absent' ? 'running' : state;
  }

  /** Sends a signal after making sure that the pid is still ours; false when the process is gone. */
  async signal(signal: ProcessSignal): Promise<boolean> {
    return (await this.state()) !== 'absent' && send(this.pid, signal);
  }

  /** The same for the process and its children, which carry the marker too. */
  async signalFamily(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<boolean> {
    // A parent that stands still makes no new children, and the orphans of a dead one could not be told from strangers.
    if (signal !== 'SIGCONT' && !(await this.signal('SIGSTOP'))) {
      return false;
    }
    for (const child of await childrenOf(this.pid)) {
      if ((await processState(child, this.marker)) !== 'absent') {
        send(child, signal);
      }
    }
    return this.signal(signal);
  }

  /** Resolves true once the process is gone, false when it still runs after `timeout` ms. */
  async waitForExit(timeout: number): Promise<boolean> {
    const deadline = performance.now() + timeout;
    while ((await this.state()) !== 'absent') {
      if (performance.now() >= deadline) {
        return false;
      }
      await delay(10);
    }
    return true;
  }
}

/** False when the process ended between the look and the signal. */
function send(pid: number, signal: ProcessSignal): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') {
      return false;
    }
    throw error;
  }
}
