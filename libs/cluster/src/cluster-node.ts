import { type ClusterDescription, javaArguments, nodeMarker, type NodeDescription } from './cluster-description.js';
import type { NodePorts } from './config/broker-options.js';
import { ClusterError } from './errors.js';
import { ManagedNode, type NodeCommand, type NodeState } from './managed-node.js';
import { bridgesOf, diedOfTracker, waitingOf } from './node-log.js';
import { type QueueStatistics, readQueues } from './queue-statistics.js';
import { type ProbeCredentials, probeStomp } from './stomp-probe.js';
import { isNetworked, sharesStore } from './topologies.js';

/** ms a broker may take to answer CONNECT. */
const PROBE_TIMEOUT = 2_000;

/** A broker at one moment. */
export interface NodeStatus {
  readonly name: string;
  readonly state: NodeState;
  readonly pid: number | undefined;
  /** Where it listens: `127.0.0.1`, or the loopback address of its own network namespace. */
  readonly host: string;
  readonly ports: NodePorts;
  readonly logFile: string;
  /** What a broker that serves nobody waits for, in words; undefined when it waits for nothing. */
  readonly waitsFor?: string;
  /** Names of the brokers it has a bridge to now, as far as its log tells; only in networks. */
  readonly bridges?: readonly string[];
  /** What the network keeps it from after `partition`: names of nodes, `clients`, or `everything`; undefined for nothing. */
  readonly cutFrom?: readonly string[];
}

/** One broker of a cluster; it keeps its name, ports and configuration while its process comes and goes. */
export class ClusterNode extends ManagedNode {
  /** Ports by connector name. */
  readonly ports: NodePorts;
  protected readonly stopSignal = 'SIGTERM';

  /** @internal */
  constructor(
    description: NodeDescription,
    private readonly cluster: ClusterDescription,
    private readonly credentials?: ProbeCredentials,
  ) {
    super(description, cluster);
    this.ports = description.ports;
  }

  /** `stomp://127.0.0.1:<port>`; another loopback address when the node has a network namespace of its own. */
  get url(): string {
    return `stomp://${this.host}:${this.ports.stomp}`;
  }

  /** Looks at the process, the port and the log; takes up to 2 s when the broker accepts but stays silent. */
  async status(): Promise<NodeStatus> {
    const state = await this.refresh();
    const { name, pid, host, ports } = this;
    const log = await this.log();
    const waits = state === 'slave' || state === 'starting' ? { waitsFor: waitingOf(log).waitsFor } : {};
    const bridges = isNetworked(this.cluster.topology) && state !== 'stopped' ? { bridges: bridgesOf(log) } : {};
    return { name, state, pid, host, ports, logFile: this.paths.log, ...waits, ...bridges };
  }

  /** Its queues with their depths and consumers, from its statistics plugin over STOMP; undefined when it does not answer. */
  async queues(): Promise<QueueStatistics[] | undefined> {
    return readQueues({ host: this.host, port: this.ports.stomp }, this.credentials);
  }

  protected command(): NodeCommand {
    return {
      program: this.cluster.distribution.java,
      arguments: javaArguments(this.cluster, this.name),
      marker: nodeMarker(this.cluster.marker, this.name),
    };
  }

  /** Replicated LevelDB sometimes dies when another broker joins while it starts: ZooKeeper tells it before it listens. */
  protected override diedOfChance(log: string): boolean {
    return this.cluster.topology === 'replicated-leveldb' && diedOfTracker(log);
  }

  protected async lookAtRunning(): Promise<NodeState> {
    const shares = sharesStore(this.cluster.topology, this.name);
    if (await this.isOutOfReach()) {
      return (await this.listensOn(this.ports.stomp)) ? 'partitioned' : this.waiting(shares);
    }
    const probe = await probeStomp(this.ports.stomp, this.credentials, PROBE_TIMEOUT, this.host);
    if (probe.outcome === 'connected') {
      return isNetworked(this.cluster.topology) && !shares ? 'networked' : 'master';
    }
    if (probe.outcome === 'refused') {
      throw new ClusterError(
        'START_FAILED',
        `node ${this.name} answers on port ${this.ports.stomp}, but refuses CONNECT: ${probe.reason}; give startCluster credentials the broker accepts`,
      );
    }
    return this.waiting(shares);
  }

  private async waiting(shares: boolean): Promise<NodeState> {
    return shares && waitingOf(await this.log()).slave ? 'slave' : 'starting';
  }
}
