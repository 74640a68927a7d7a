import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterDescription } from './cluster-description.js';
import { ClusterNode, type NodeStatus } from './cluster-node.js';
import type { ClusterTopology } from './cluster-options.js';
import { ClusterError } from './errors.js';
import { removeClusterFolder } from './process/folder.js';
import type { Watchdog } from './process/watchdog.js';
import type { BrokerDistribution } from './provision/distribution.js';
import type { ProbeCredentials } from './stomp-probe.js';

/** ms a broker may take to end; a clean stop writes its store's index, a kill takes no time. */
const STOP_TIMEOUT = 30_000;
const KILL_TIMEOUT = 10_000;

/** Real ActiveMQ brokers on 127.0.0.1: look at them, kill them, start them again. Made by `startCluster`. */
export class Cluster {
  /** In the order they were started; the first is the first master. */
  readonly nodes: readonly ClusterNode[];
  private ending: Promise<void> | undefined;

  /** @internal */
  constructor(
    readonly description: ClusterDescription,
    private readonly watchdog?: Watchdog,
    credentials?: ProbeCredentials,
  ) {
    this.nodes = description.nodes.map((node) => new ClusterNode(node, description, credentials));
  }

  get topology(): ClusterTopology {
    return this.description.topology;
  }

  /** The ActiveMQ that runs: version, class path (with the OpenWire client), Java. */
  get distribution(): BrokerDistribution {
    return this.description.distribution;
  }

  /** `failover:(stomp://127.0.0.1:p1,stomp://127.0.0.1:p2)?randomize=false`. */
  get brokerUrl(): string {
    return failoverUrl(
      'stomp',
      this.nodes.map(({ ports }) => ports.stomp),
    );
  }

  /** The same for OpenWire clients: `failover:(tcp://127.0.0.1:p1,...)?randomize=false`. */
  get openwireUrl(): string {
    return failoverUrl(
      'tcp',
      this.nodes.map(({ ports }) => ports.openwire),
    );
  }

  /** The node that answers a STOMP CONNECT now, if any does. */
  async master(): Promise<ClusterNode | undefined> {
    const statuses = await this.status();
    const found = statuses.find(({ state }) => state === 'master');
    return found && this.node(found.name);
  }

  /** Resolves with the master as soon as there is one; throws a ClusterError `NO_MASTER` after `timeout` ms (default 30 000). */
  async waitForMaster(timeout = 30_000): Promise<ClusterNode> {
    const deadline = performance.now() + timeout;
    do {
      const master = await this.master();
      if (master) {
        return master;
      }
      await delay(20);
    } while (performance.now() < deadline);
    const states = this.nodes.map(({ name, state }) => `${name} is ${state}`).join(', ');
    throw new ClusterError('NO_MASTER', `no node became master within ${timeout} ms (${states}); start a node, or look at its log`);
  }

  /** `kill -9` of the master; resolves with that node once its process is gone. Throws a ClusterError `NO_MASTER` when there is none. */
  async killMaster(): Promise<ClusterNode> {
    const master = await this.master();
    if (!master) {
      throw new ClusterError('NO_MASTER', 'there is no master to kill; waitForMaster() first');
    }
    await this.kill(master.name);
    return master;
  }

  /** `kill -9`; resolves once the process is gone. */
  async kill(name: string): Promise<void> {
    await this.endRunning(name, 'SIGKILL', KILL_TIMEOUT);
  }

  /** SIGTERM: the broker closes its store properly; resolves once the process is gone (within 30 s, or throws). */
  async stop(name: string): Promise<void> {
    const node = this.node(name);
    if ((await node.status()).state === 'paused') {
      throw new ClusterError('WRONG_STATE', `node ${name} is paused and would not see SIGTERM; resume or kill it`);
    }
    await this.endRunning(name, 'SIGTERM', STOP_TIMEOUT);
  }

  /** SIGSTOP: the process keeps its sockets and the lock and says nothing any more. */
  async pause(name: string): Promise<void> {
    await this.node(name).hold('SIGSTOP');
  }

  /** SIGCONT after `pause`. */
  async resume(name: string): Promise<void> {
    await this.node(name).hold('SIGCONT');
  }

  /** Starts a stopped or killed node on its old ports; resolves once it is master or slave. */
  async start(name: string): Promise<void> {
    if (this.ending) {
      throw new ClusterError('WRONG_STATE', `the cluster is down, node ${name} cannot start; call startCluster for a new one`);
    }
    await this.node(name).start();
  }

  /** The node of that name; throws a ClusterError `UNKNOWN_NODE` that lists the names there are. */
  node(name: string): ClusterNode {
    const found = this.nodes.find((node) => node.name === name);
    if (!found) {
      throw new ClusterError('UNKNOWN_NODE', `there is no node '${name}'; the nodes are ${this.nodes.map((node) => node.name).join(', ')}`);
    }
    return found;
  }

  /** The end of a node's log, 1 MiB at most, all its starts together. */
  async logs(name: string): Promise<string> {
    return this.node(name).log();
  }

  /** Looks at every node. */
  async status(): Promise<NodeStatus[]> {
    return Promise.all(this.nodes.map(async (node) => node.status()));
  }

  /** Kills every node and removes all data; a second call waits for the first. */
  async down(): Promise<void> {
    this.ending ??= this.tearDown();
    await this.ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  /** From here on the brokers outlive this process. @internal */
  async letGo(): Promise<void> {
    await this.watchdog?.release();
  }

  private async tearDown(): Promise<void> {
    // The data goes anyway: there is nothing a clean stop would save.
    const ends = await Promise.allSettled(this.nodes.map(async (node) => node.end('SIGKILL', KILL_TIMEOUT)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) {
      // The watchdog, still on guard, ends what is left when this process ends.
      throw failed.reason;
    }
    await removeClusterFolder(this.description.folder);
    await this.watchdog?.release();
  }

  private async endRunning(name: string, signal: 'SIGTERM' | 'SIGKILL', timeout: number): Promise<void> {
    const node = this.node(name);
    if ((await node.status()).state === 'stopped') {
      throw new ClusterError('WRONG_STATE', `node ${name} does not run; start it first`);
    }
    await node.end(signal, timeout);
  }
}

function failoverUrl(scheme: string, ports: readonly number[]): string {
  return `failover:(${ports.map((port) => `${scheme}://127.0.0.1:${port}`).join(',')})?randomize=false`;
}
