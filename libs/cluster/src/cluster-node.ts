import { appendFile, mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClusterDescription,
  javaArguments,
  nodeMarker,
  type NodeDescription,
  nodePaths,
  type NodePaths,
} from './cluster-description.js';
import type { NodePorts } from './config/broker-options.js';
import { ClusterError } from './errors.js';
import { readLog, saysSlave, startLine, tailOf } from './node-log.js';
import { BrokerProcess, type BrokerSignal } from './process/broker-process.js';
import { type ProbeCredentials, probeStomp } from './stomp-probe.js';

/** `master` answered a STOMP CONNECT; `slave` waits for the store's lock, its ports closed; `starting` is neither yet. */
export type NodeState = 'stopped' | 'starting' | 'slave' | 'master' | 'paused';

/** A node at one moment. */
export interface NodeStatus {
  readonly name: string;
  readonly state: NodeState;
  readonly pid: number | undefined;
  readonly ports: NodePorts;
  readonly logFile: string;
}

/** ms between two looks at a node that is on its way to another state. */
const LOOK_INTERVAL = 50;

/** ms a process may take to stop or go on after SIGSTOP or SIGCONT. */
const HOLD_TIMEOUT = 5_000;

/** One broker of a cluster; it keeps its name, ports and configuration while its process comes and goes. */
export class ClusterNode {
  readonly name: string;
  /** Ports on 127.0.0.1, by connector name. */
  readonly ports: NodePorts;
  readonly paths: NodePaths;
  private process: BrokerProcess | undefined;
  private spawning: Promise<BrokerProcess> | undefined;
  private lastState: NodeState = 'stopped';

  /** @internal */
  constructor(
    description: NodeDescription,
    private readonly cluster: ClusterDescription,
    private readonly credentials?: ProbeCredentials,
  ) {
    this.name = description.name;
    this.ports = description.ports;
    this.paths = nodePaths(cluster.folder, this.name);
  }

  /** `stomp://127.0.0.1:<port>`. */
  get url(): string {
    return `stomp://127.0.0.1:${this.ports.stomp}`;
  }

  /** The broker's process id; undefined when it was stopped or killed by this cluster, or never started. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** What the last look saw; `status()` looks again. */
  get state(): NodeState {
    return this.lastState;
  }

  /** Looks at the process, the port and the log; takes up to 2 s when the broker accepts but stays silent. */
  async status(): Promise<NodeStatus> {
    this.lastState = await this.look();
    if (this.lastState === 'stopped') {
      this.process = undefined;
    }
    return { name: this.name, state: this.lastState, pid: this.pid, ports: this.ports, logFile: this.paths.log };
  }

  /** Starts the process and resolves once it is master or (where others may be master) slave. Throws a ClusterError with the log's end. */
  async start(): Promise<void> {
    const { state } = await this.status();
    if (state !== 'stopped') {
      throw new ClusterError('WRONG_STATE', `node ${this.name} is ${state} already; stop or kill it first`);
    }
    if (this.spawning) {
      throw new ClusterError('WRONG_STATE', `node ${this.name} is being started already; wait for that`);
    }
    this.spawning = this.spawn();
    try {
      this.process = await this.spawning;
    } finally {
      this.spawning = undefined;
    }
    await this.waitUntilReady();
  }

  private async signal(signal: BrokerSignal): Promise<void> {
    if (!(await (await this.find())?.signal(signal))) {
      throw new ClusterError('WRONG_STATE', `node ${this.name} does not run, nothing got ${signal}; start it first`);
    }
  }

  /** SIGSTOP or SIGCONT, and waits until each thread of the process has stopped or goes on. */
  async hold(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    await this.signal(signal);
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
    await this.status();
  }

  /** Signals the process, if there is one, and waits for its end; throws a ClusterError when it still runs after `timeout` ms. */
  async end(signal: 'SIGTERM' | 'SIGKILL', timeout: number): Promise<void> {
    // A process that is just being made has to be there to be ended.
    await this.spawning?.catch(() => undefined);
    const found = await this.find();
    if (found && (await found.signal(signal)) && !(await found.waitForExit(timeout))) {
      throw new ClusterError('WRONG_STATE', `node ${this.name} (pid ${found.pid}) did not end within ${timeout} ms of ${signal}; kill it`);
    }
    this.process = undefined;
    this.lastState = 'stopped';
  }

  /** The end of the broker's log, 1 MiB at most. */
  async log(): Promise<string> {
    return readLog(this.paths.log);
  }

  private async spawn(): Promise<BrokerProcess> {
    await mkdir(this.paths.temporary, { recursive: true });
    await appendFile(this.paths.log, startLine(new Date()), { mode: 0o600 });
    return BrokerProcess.spawn({
      java: this.cluster.distribution.java,
      arguments: javaArguments(this.cluster, this.name),
      pidFile: this.paths.pid,
      logFile: this.paths.log,
      workingDirectory: this.paths.temporary,
      marker: nodeMarker(this.cluster.marker, this.name),
    });
  }

  private async find(): Promise<BrokerProcess | undefined> {
    this.process ??= await BrokerProcess.find(this.paths.pid, nodeMarker(this.cluster.marker, this.name));
    return this.process;
  }

  private async look(): Promise<NodeState> {
    const found = await (await this.find())?.state();
    if (found === undefined || found === 'absent') {
      return 'stopped';
    }
    if (found === 'paused') {
      return 'paused';
    }
    const probe = await probeStomp(this.ports.stomp, this.credentials);
    if (probe.outcome === 'connected') {
      return 'master';
    }
    if (probe.outcome === 'refused') {
      throw new ClusterError(
        'START_FAILED',
        `node ${this.name} answers on port ${this.ports.stomp}, but refuses CONNECT: ${probe.reason}; give startCluster credentials the broker accepts`,
      );
    }
    return this.cluster.topology !== 'single' && saysSlave(await this.log()) ? 'slave' : 'starting';
  }

  private async waitUntilReady(): Promise<void> {
    const { startTimeout } = this.cluster;
    const deadline = performance.now() + startTimeout;
    while (performance.now() < deadline) {
      const { state } = await this.status();
      if (state === 'master' || state === 'slave') {
        return;
      }
      if (state === 'stopped') {
        throw new ClusterError('START_FAILED', `node ${this.name} ended while starting; its log ends with:\n${tailOf(await this.log())}`);
      }
      await delay(LOOK_INTERVAL);
    }
    throw new ClusterError(
      'START_TIMEOUT',
      `node ${this.name} was not ready after ${startTimeout} ms; its log ends with:\n${tailOf(await this.log())}`,
    );
  }
}
