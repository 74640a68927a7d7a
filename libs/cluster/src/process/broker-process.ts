import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from '../errors.js';
import { type ProcessState, processState } from './identity.js';

/** How a broker's process is started. */
export interface BrokerCommand {
  readonly java: string;
  readonly arguments: readonly string[];
  readonly pidFile: string;
  readonly logFile: string;
  readonly workingDirectory: string;
  /** Stands in the arguments too, and tells our process from any other that got the same pid. */
  readonly marker: string;
}

/** Signals this tool sends. */
export type BrokerSignal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** The shell writes its pid, then becomes the JVM: the file is there before the broker is, whoever dies meanwhile. */
const WRAPPER = 'echo $$ >"$0" && exec "$@"';

/** One broker's process, ours (`spawn`) or found again by its pid file (`find`). */
export class BrokerProcess {
  private constructor(
    readonly pid: number,
    private readonly marker: string,
    private readonly child?: ChildProcess,
  ) {}

  /** Starts the JVM in a process group of its own, output appended to the log file. Rejects with the reason when it cannot be started. */
  static async spawn(command: BrokerCommand): Promise<BrokerProcess> {
    const log = await open(command.logFile, 'a', 0o600);
    try {
      const child = spawn('sh', ['-c', WRAPPER, command.pidFile, command.java, ...command.arguments], {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        cwd: command.workingDirectory,
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      if (child.pid === undefined) {
        throw new ClusterError('START_FAILED', `${command.java} did not get a process id; see ${command.logFile}`);
      }
      child.unref();
      return new BrokerProcess(child.pid, command.marker, child);
    } finally {
      await log.close();
    }
  }

  /** The broker whose pid stands in the file, if it still runs and really is that broker. */
  static async find(pidFile: string, marker: string): Promise<BrokerProcess | undefined> {
    const text = await readFile(pidFile, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return '';
      }
      throw error;
    });
    const pid = /^\d{1,9}\n?$/.test(text) ? Number.parseInt(text, 10) : 0;
    const found = new BrokerProcess(pid, marker);
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
  async signal(signal: BrokerSignal): Promise<boolean> {
    if ((await this.state()) === 'absent') {
      return false;
    }
    try {
      return process.kill(this.pid, signal);
    } catch (error) {
      // It ended between the look and the signal.
      if (error instanceof Error && 'code' in error && error.code === 'ESRCH') {
        return false;
      }
      throw error;
    }
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
