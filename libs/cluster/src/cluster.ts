import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterDescription } from './cluster-description.js';
import { ClusterNode, type NodeStatus } from './cluster-node.js';
import { ClusterError } from './errors.js';
import type { ManagedNode } from './managed-node.js';
import { ClusterNetwork } from './namespace/cluster-network.js';
import { removeClusterFolder } from './process/folder.js';
import type { Watchdog } from './process/watchdog.js';
import type { BrokerDistribution } from './provision/distribution.js';
import { readReplicas, type ReplicaStatus } from './service/replicas.js';
import { ServiceNode, type ServiceStatus } from './service/service-node.js';
import type { ProbeCredentials } from './stomp-probe.js';
import { findStuck, type StuckQueue } from './stuck-queues.js';
import { brokerNameOf, type ClusterTopology, isNetworked } from './topologies.js';

/** ms a broker may take to end; a clean stop writes its store's index, a kill takes no time. */
const STOP_TIMEOUT = 30_000;
const KILL_TIMEOUT = 10_000;

/** Real ActiveMQ brokers on 127.0.0.1: look at them, kill them, start them again. Made by `startCluster`. */
export class Cluster {
  /** In the order they were started; the first is the first master. */
  readonly nodes: readonly ClusterNode[];
  /** What the brokers stand on: the database, the ZooKeepers. */
  readonly services: readonly ServiceNode[];
  private readonly network: ClusterNetwork;
  private ending: Promise<void> | undefined;

  /** @internal */
  constructor(
    readonly description: ClusterDescription,
    private readonly watchdog?: Watchdog,
    credentials?: ProbeCredentials,
  ) {
    this.nodes = description.nodes.map((node) => new ClusterNode(node, description, credentials));
    this.services = description.services.map((service) => new ServiceNode(service, description));
    this.network = new ClusterNetwork(description);
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
    return failoverUrl(this.nodes.map(({ url }) => url));
  }

  /** The same for OpenWire clients: `failover:(tcp://127.0.0.1:p1,...)?randomize=false`. */
  get openwireUrl(): string {
    return failoverUrl(this.nodes.map(({ host, ports }) => `tcp://${host}:${ports.openwire}`));
  }

  /** The node that has the store and answers a STOMP CONNECT now, if any does; in a network without master and slaves none has. */
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

  /** `kill -9` of a broker, the database or a ZooKeeper; resolves once the process is gone. */
  async kill(name: string): Promise<void> {
    await this.endRunning(name, 'kill', KILL_TIMEOUT);
  }

  /** Asks a broker, the database or a ZooKeeper to close its store properly and end; resolves once the process is gone (within 30 s, or throws). */
  async stop(name: string): Promise<void> {
    if ((await this.member(name).refresh()) === 'paused') {
      throw new ClusterError('WRONG_STATE', `node ${name} is paused and would not see SIGTERM; resume or kill it`);
    }
    await this.endRunning(name, 'stop', STOP_TIMEOUT);
  }

  /** SIGSTOP: the process keeps its sockets and locks and says nothing any more. */
  async pause(name: string): Promise<void> {
    await this.member(name).hold('SIGSTOP');
  }

  /** SIGCONT after `pause`. */
  async resume(name: string): Promise<void> {
    await this.member(name).hold('SIGCONT');
  }

  /**
   * Drops every packet to and from a node without a word, or with `from` only those between it and the nodes named there (`clients` are all
   * programs outside the cluster). Processes, files and locks stay as they are. Throws a ClusterError `WRONG_STATE` when the cluster was not
   * started `partitionable`.
   */
  async partition(name: string, { from }: { readonly from?: readonly string[] } = {}): Promise<void> {
    await this.network.partition(name, from);
  }

  /** Lets the packets pass again that `partition` dropped, to and from this node or all; fine when none were. */
  async heal(name?: string): Promise<void> {
    await this.network.heal(name);
  }

  /** Starts a stopped or killed broker, database or ZooKeeper on its old ports; resolves once it does its part. */
  async start(name: string): Promise<void> {
    if (this.ending) {
      throw new ClusterError('WRONG_STATE', `the cluster is down, node ${name} cannot start; call startCluster for a new one`);
    }
    await this.member(name).start();
  }

  /** The broker of that name; throws a ClusterError `UNKNOWN_NODE` that lists the names there are. */
  node(name: string): ClusterNode {
    return this.nodes.find((node) => node.name === name) ?? this.unknown(name);
  }

  /** The broker, database or ZooKeeper of that name; throws a ClusterError `UNKNOWN_NODE` that lists the names there are. */
  member(name: string): ManagedNode {
    return this.members.find((member) => member.name === name) ?? this.unknown(name);
  }

  /** The end of a node's log, 1 MiB at most, all its starts together. */
  async logs(name: string): Promise<string> {
    return this.member(name).log();
  }

  /** Looks at every broker. */
  async status(): Promise<NodeStatus[]> {
    const cuts = await this.network.cuts();
    return Promise.all(this.nodes.map(async (node) => ({ ...(await node.status()), ...cuts.of(node.name) })));
  }

  /** Looks at what the brokers stand on. */
  async serviceStatus(): Promise<ServiceStatus[]> {
    const cuts = await this.network.cuts();
    return Promise.all(this.services.map(async (service) => ({ ...(await service.status()), ...cuts.of(service.name) })));
  }

  /** What ZooKeeper says of the replicas; undefined when it has no quorum, and where no store is replicated. */
  async replicas(): Promise<ReplicaStatus[] | undefined> {
    return readReplicas(
      this.description.services.flatMap((service) =>
        service.kind === 'zookeeper' ? [{ host: service.host, port: service.ports.client }] : [],
      ),
    );
  }

  /** Messages that nobody takes at the brokers of a network that serve now; always empty where brokers do not forward to each other. */
  async stuckQueues(): Promise<StuckQueue[]> {
    if (!isNetworked(this.topology)) {
      return [];
    }
    const serving = (await this.status()).filter(({ state }) => state === 'master' || state === 'networked');
    const queues = await Promise.all(serving.map(async ({ name }) => [name, (await this.node(name).queues()) ?? []] as const));
    return findStuck(new Map(queues));
  }

  /**
   * Resolves once there is a master where there can be one, and in a network every broker that serves has a bridge to every other one that does.
   * Throws a ClusterError `START_TIMEOUT` after `timeout` ms (default 30 000).
   */
  async waitUntilComplete(timeout = 30_000): Promise<void> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const wanting = wantingOf(await this.status(), this.topology);
      if (wanting === undefined) {
        return;
      }
      if (performance.now() >= deadline) {
        throw new ClusterError('START_TIMEOUT', `the cluster was not complete after ${timeout} ms: ${wanting}; look at the logs`);
      }
      await delay(50);
    }
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
    const ends = await Promise.allSettled(this.members.map(async (node) => node.discard(KILL_TIMEOUT)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) {
      // The watchdog, still on guard, ends what is left when this process ends.
      throw failed.reason;
    }
    await this.network.remove();
    await removeClusterFolder(this.description.folder);
    await this.watchdog?.release();
  }

  private async endRunning(name: string, how: 'stop' | 'kill', timeout: number): Promise<void> {
    const node = this.member(name);
    if ((await node.refresh()) === 'stopped') {
      throw new ClusterError('WRONG_STATE', `node ${name} does not run; start it first`);
    }
    await node.end(how, timeout);
  }

  private get members(): readonly ManagedNode[] {
    return [...this.nodes, ...this.services];
  }

  private unknown(name: string): never {
    const names = this.members.map((member) => member.name).join(', ');
    throw new ClusterError('UNKNOWN_NODE', `there is no node '${name}'; the nodes are ${names}`);
  }
}

/** What a cluster that has just been started still lacks, in words. */
function wantingOf(nodes: readonly NodeStatus[], topology: ClusterTopology): string | undefined {
  const serving = nodes.filter(({ state }) => state === 'master' || state === 'networked');
  if (serving.length === 0) {
    return 'no broker serves';
  }
  const alone = serving.find(({ name, bridges = [] }) =>
    serving.some((other) => other.name !== name && !bridges.includes(brokerNameOf(topology, other.name))),
  );
  return isNetworked(topology) && alone ? `${alone.name} has no bridge to every other broker` : undefined;
}

function failoverUrl(uris: readonly string[]): string {
  return `failover:(${uris.join(',')})?randomize=false`;
}
