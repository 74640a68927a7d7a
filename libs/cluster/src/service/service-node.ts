import type { ClusterDescription } from '../cluster-description.js';
import { ManagedNode, type NodeCommand, type NodeState } from '../managed-node.js';
import { databaseCommand } from './database.js';
import { probePostgres } from './postgres-probe.js';
import type { ServiceDescription } from './service-description.js';
import { zooKeeperCommand } from './zookeeper.js';
import { probeZooKeeper } from './zookeeper-probe.js';

/** A database or a ZooKeeper at one moment. */
export interface ServiceStatus {
  readonly name: string;
  readonly kind: ServiceDescription['kind'];
  readonly state: NodeState;
  readonly pid: number | undefined;
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly logFile: string;
  /** A ZooKeeper's part in its ensemble: `leader` or `follower`; undefined while it has none. */
  readonly role?: string;
  /** What the network keeps it from, as in `NodeStatus`. */
  readonly cutFrom?: readonly string[];
}

/** What the brokers stand on: it is started before them, and killed, stopped, paused and started like them. */
export class ServiceNode extends ManagedNode {
  protected readonly stopSignal: 'SIGTERM' | 'SIGINT';
  private role: string | undefined;

  /** @internal */
  constructor(
    readonly description: ServiceDescription,
    private readonly cluster: ClusterDescription,
  ) {
    super(description, cluster);
    // SIGTERM would have PostgreSQL wait until the brokers go by themselves.
    this.stopSignal = description.kind === 'database' ? 'SIGINT' : 'SIGTERM';
  }

  /** Looks at the process and asks the server. */
  async status(): Promise<ServiceStatus> {
    const state = await this.refresh();
    const { name, kind, ports } = this.description;
    return {
      name,
      kind,
      state,
      pid: this.pid,
      host: this.host,
      ports,
      logFile: this.paths.log,
      role: state === 'running' ? this.role : undefined,
    };
  }

  /** PostgreSQL is asked to quit: only by itself it gives its shared memory back. */
  override async discard(timeout: number): Promise<void> {
    if (this.description.kind === 'database') {
      await this.quit(timeout / 2);
    }
    await super.discard(timeout);
  }

  protected command(): NodeCommand {
    return this.description.kind === 'database'
      ? databaseCommand(this.cluster, this.description)
      : zooKeeperCommand(this.cluster, this.description);
  }

  protected async lookAtRunning(): Promise<NodeState> {
    const { kind, host } = this.description;
    if (await this.isOutOfReach()) {
      return (await this.listensOn(kind === 'database' ? this.description.ports.postgresql : this.description.ports.client))
        ? 'partitioned'
        : 'starting';
    }
    if (this.description.kind === 'database') {
      return (await probePostgres({ host, port: this.description.ports.postgresql })) ? 'running' : 'starting';
    }
    this.role = await probeZooKeeper({ host, port: this.description.ports.client });
    return this.role === undefined ? 'starting' : 'running';
  }
}
