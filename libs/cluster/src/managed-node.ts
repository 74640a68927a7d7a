import { appendFile, mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClusterDescription, type NodePaths, nodePaths } from './cluster-description.js';
import { ClusterError } from './errors.js';
import { readLog, startLine, tailOf } from './node-log.js';
import { clientAddress, LOOPBACK, namespaceOf } from './namespace/addresses.js';
import { readCuts } from './namespace/cuts.js';
import { listensWhere } from './namespace/listening.js';
import { ManagedProcess } from './process/managed-process.js';

/**
 * `master` answered a STOMP CONNECT; `slave` waits for the right to be master, its ports closed; `networked` answers CONNECT too, as one
 * of several brokers that forward messages to each other; `running` is a database or a ZooKeeper that answers; `partitioned` has its port open,
 * but the network keeps clients from it; `starting` is none of these yet.
 */
export type NodeState = 'stopped' | 'starting' | 'slave' | 'master' | 'networked' | 'running' | 'partitioned' | 'paused';

/** How a node's process is started, but for its files. */
export interface NodeCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Stands in the arguments too; no other process of this machine has it. */
  readonly marker: string;
}

/** ms between two looks at a node that is on its way to another state. */
const LOOK_INTERVAL = 50;

/** How often a process is started that dies of chance. */
const MOST_STARTS = 5;

/** ms a process may take to stop or go on after SIGSTOP or SIGCONT. */
const HOLD_TIMEOUT = 5_000;

/** A process of a cluster that keeps its name, ports and configuration while it comes and goes. */
export abstract class ManagedNode {
  readonly paths: NodePaths;
  protected process: ManagedProcess | undefined;
  private spawning: Promise<ManagedProcess> | undefined;
  private lastState: NodeState = 'stopped';

  readonly name: string;
  /** Where it listens: `127.0.0.1`, or the loopback address of its own network namespace. */
  readonly host: string;
  private readonly folder: string;
  private readonly subnet: string | undefined;
  private readonly startTimeout: number;

  protected constructor(member: { readonly name: string; readonly host?: string }, cluster: ClusterDescription) {
    this.name = member.name;
    this.host = member.host ?? LOOPBACK;
    this.folder = cluster.folder;
    this.subnet = cluster.subnet;
    this.startTimeout = cluster.startTimeout;
    this.paths = nodePaths(cluster.folder, member.name);
  }

  /** The process id; undefined when it was stopped or killed by this cluster, or never started. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** What the last look saw. */
  get state(): NodeState {
    return this.lastState;
  }

  /** What to start. */
  protected abstract command(): NodeCommand;

  /** What a process that runs, and is not paused, is doing. Throws a ClusterError when waiting longer cannot help. */
  protected abstract lookAtRunning(): Promise<NodeState>;

  /** The signal that asks it to end properly. */
  protected abstract readonly stopSignal: 'SIGTERM' | 'SIGINT';

  /** Looks again; takes up to 2 s when the process accepts connections but stays silent. */
  async refresh(): Promise<NodeState> {
    const found = await (await this.find())?.state();
    this.lastState = found === undefined || found === 'absent' ? 'stopped' : found === 'paused' ? 'paused' : await this.lookAtRunning();
    if (this.lastState === 'stopped') {
      this.process = undefined;
    }
    return this.lastState;
  }

  /** Starts the process and resolves once it does its part, waiting included. Throws a ClusterError with the log's end. */
  async start(): Promise<void> {
    const state = await this.refresh();
    if (state !== 'stopped') {
      throw new ClusterError('WRONG_STATE', `node ${this.name} is ${state} already; stop or kill it first`);
    }
    if (this.spawning) {
      throw new ClusterError('WRONG_STATE', `node ${this.name} is being started already; wait for that`);
    }
    for (let starts = 1; ; starts++) {
      await this.spawnOnce();
      if (await this.waitUntilReady()) {
        return;
      }
      const log = await this.log();
      if (starts === MOST_STARTS || !this.diedOfChance(log)) {
        throw new ClusterError('START_FAILED', `node ${this.name} ended while starting; its log ends with:\n${tailOf(log)}`);
      }
    }
  }

  /** Whether a start that failed for this reason may succeed the next time. */
  protected diedOfChance(_log: string): boolean {
    return false;
  }

  private async spawnOnce(): Promise<void> {
    this.spawning = this.spawn();
    try {
      this.process = await this.spawning;
    } finally {
      this.spawning = undefined;
    }
  }

  /** SIGSTOP or SIGCONT, and waits until each thread of the process has stopped or goes on. */
  async hold(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    if (!(await (await this.find())?.signalFamily(signal))) {
      throw new ClusterError('WRONG_STATE', `node ${this.name} does not run, nothing got ${signal}; start it first`);
    }
    const deadline = performance.now() + HOLD_TIMEOUT;
    while (((await this.process?.state()) === 'paused') !== (signal === 'SIGSTOP')) {
      if (performance.now() >= deadline) {
        throw new ClusterError(
          'WRONG_STATE',
          `node ${this.name} did not react to ${signal} within ${HOLD_TIMEOUT} ms; look at its process`,
        );
      }
      await delay(LOOK_INTERVAL);
    }
    await this.refresh();
  }

  /** Ends the process, if there is one, and waits for it; throws a ClusterError when it still runs after `timeout` ms. */
  async end(how: 'stop' | 'kill', timeout: number): Promise<void> {
    // A process that is just being made has to be there to be ended.
    await this.spawning?.catch(() => undefined);
    const found = await this.find();
    const sent = how === 'kill' ? await found?.signalFamily('SIGKILL') : await found?.signal(this.stopSignal);
    if (found && sent && !(await found.waitForExit(timeout))) {
      throw new ClusterError('WRONG_STATE', `node ${this.name} (pid ${found.pid}) did not ${how} within ${timeout} ms; kill it`);
    }
    this.process = undefined;
    this.lastState = 'stopped';
  }

  /** Ends the process for good, its data no longer wanted. */
  async discard(timeout: number): Promise<void> {
    await this.end('kill', timeout);
  }

  /** SIGQUIT, to a paused process too; resolves when it ended, or after `timeout` ms. */
  protected async quit(timeout: number): Promise<void> {
    await this.spawning?.catch(() => undefined);
    const found = await this.find();
    if (found && (await found.signal('SIGQUIT'))) {
      await found.signalFamily('SIGCONT');
      await found.waitForExit(timeout);
    }
  }

  /** The end of the node's log, 1 MiB at most. */
  async log(): Promise<string> {
    return readLog(this.paths.log);
  }

  private async spawn(): Promise<ManagedProcess> {
    await mkdir(this.paths.temporary, { recursive: true });
    await appendFile(this.paths.log, startLine(new Date()), { mode: 0o600 });
    const { program, arguments: own, marker } = this.command();
    const enter = ['nsenter', `--net=/var/run/netns/${namespaceOf(this.folder, this.name)}`, '--', program];
    const [first = program, ...before] = this.subnet === undefined ? [program] : enter;
    return ManagedProcess.spawn({
      program: first,
      arguments: [...before, ...own],
      marker,
      pidFile: this.paths.pid,
      logFile: this.paths.log,
      workingDirectory: this.paths.temporary,
    });
  }

  /** Whether the network keeps clients from it: then a probe would only wait. */
  protected async isOutOfReach(): Promise<boolean> {
    if (this.subnet === undefined) {
      return false;
    }
    const clients = clientAddress(this.subnet);
    const cuts = await readCuts(this.folder);
    return cuts.some(({ from, to }) =>
      to === undefined ? from === this.host : [from, to].includes(this.host) && [from, to].includes(clients),
    );
  }

  /** Whether its port is open, seen from inside its namespace. */
  protected async listensOn(port: number): Promise<boolean> {
    return this.pid !== undefined && listensWhere(this.pid, port);
  }

  private async find(): Promise<ManagedProcess | undefined> {
    this.process ??= await ManagedProcess.find(this.paths.pid, this.command().marker);
    return this.process;
  }

  /** False when the process ended meanwhile. */
  private async waitUntilReady(): Promise<boolean> {
    const deadline = performance.now() + this.startTimeout;
    while (performance.now() < deadline) {
      const state = await this.refresh();
      if (state === 'stopped') {
        return false;
      }
      if (state !== 'starting' && state !== 'paused') {
        return true;
      }
      await delay(LOOK_INTERVAL);
    }
    throw new ClusterError(
      'START_TIMEOUT',
      `node ${this.name} was not ready after ${this.startTimeout} ms; its log ends with:\n${tailOf(await this.log())}`,
    );
  }
}
