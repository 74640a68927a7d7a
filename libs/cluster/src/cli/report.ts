import type { Cluster } from '../cluster.js';
import type { NodeStatus } from '../cluster-node.js';
import { LOOPBACK } from '../namespace/addresses.js';
import type { ReplicaStatus } from '../service/replicas.js';
import { type StuckQueue, stuckText } from '../stuck-queues.js';
import { isNetworked } from '../topologies.js';
import type { ServiceStatus } from '../service/service-node.js';

/** What `status --json` prints. */
export interface ClusterReport {
  readonly name: string;
  readonly up: boolean;
  readonly topology?: string;
  readonly product?: 'artemis';
  readonly version?: string;
  readonly source?: string;
  readonly brokerUrl?: string;
  readonly openwireUrl?: string;
  /** Name of the master; null while there is none, and in a network of brokers that all serve. */
  readonly master: string | null;
  readonly nodes: readonly NodeStatus[];
  /** What the brokers stand on: a database, ZooKeepers. */
  readonly services: readonly ServiceStatus[];
  /** What ZooKeeper says of the replicas of a LevelDB store; left out when it has no quorum. */
  readonly replicas?: readonly ReplicaStatus[];
  /** Messages that nobody takes, in a network of brokers. */
  readonly stuck?: readonly StuckQueue[];
}

/** Looks at every node of a cluster; `undefined` stands for a cluster that is not up. */
export async function report(name: string, cluster?: Cluster): Promise<ClusterReport> {
  if (!cluster) {
    return { name, up: false, master: null, nodes: [], services: [] };
  }
  const [nodes, services, replicas, stuck] = await Promise.all([
    cluster.status(),
    cluster.serviceStatus(),
    cluster.replicas(),
    isNetworked(cluster.topology) ? cluster.stuckQueues() : undefined,
  ]);
  const { topology, distribution, brokerUrl, openwireUrl } = cluster;
  const { product, version, source } = distribution;
  const master = nodes.find(({ state }) => state === 'master')?.name ?? null;
  return { name, up: true, topology, product, version, source, brokerUrl, openwireUrl, master, nodes, services, replicas, stuck };
}

/** The report for a person. */
export function reportText({
  name,
  up,
  topology,
  product,
  version,
  source,
  brokerUrl,
  nodes,
  services,
  replicas = [],
  stuck = [],
}: ClusterReport): string {
  if (!up) {
    return `No cluster '${name}' is up. Start one: npm run cluster -- up shared-file`;
  }
  const width = Math.max(...[...nodes, ...services].map((node) => node.name.length));
  const lines = [
    ...nodes.map((node) => line(node, node.state, width, notesOf(node))),
    ...services.map((service) => line(service, service.role ?? service.state, width, notesOf(service))),
    ...replicas.map(replicaLine),
    ...stuck.map((queue) => `  Warning: ${stuckText(queue)}`),
  ];
  return [
    `Cluster '${name}': ${topology}, ${product === 'artemis' ? 'Artemis' : 'ActiveMQ'} ${version} (${source})`,
    ...lines,
    '',
    `ACTIVEMQ_BROKER_URL='${brokerUrl}'`,
  ].join('\n');
}

function line({ name, pid, host, ports }: NodeStatus | ServiceStatus, role: string, width: number, notes: readonly string[]): string {
  const process = pid === undefined ? '-' : `pid ${pid}`;
  const where = host === LOOPBACK ? [] : [host];
  const connectors = Object.entries(ports).map(([connector, port]) => `${connector} ${port}`);
  return ['', name.padEnd(width), role.padEnd(11), process.padEnd(11), ...where, ...connectors, ...notes].join('  ');
}

function notesOf({ waitsFor, bridges = [], cutFrom = [] }: Pick<NodeStatus, 'waitsFor' | 'bridges' | 'cutFrom'>): string[] {
  return [
    ...(cutFrom.length === 0 ? [] : [`cut off from ${cutFrom.join(', ')}`]),
    ...(waitsFor === undefined ? [] : [`waits for ${waitsFor}`]),
    ...(bridges.length === 0 ? [] : [`bridge to ${bridges.join(', ')}`]),
  ];
}

function replicaLine({ member, elected, address, position }: ReplicaStatus): string {
  const words = [elected ? 'elected' : 'not elected', ...(address === undefined ? [] : [address]), `position ${position ?? 'unknown'}`];
  return `  ZooKeeper: ${member}  ${words.join('  ')}`;
}
