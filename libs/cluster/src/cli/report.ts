import type { Cluster } from '../cluster.js';
import type { NodeStatus } from '../cluster-node.js';

/** What `status --json` prints. */
export interface ClusterReport {
  readonly name: string;
  readonly up: boolean;
  readonly topology?: string;
  readonly version?: string;
  readonly source?: string;
  readonly brokerUrl?: string;
  readonly openwireUrl?: string;
  /** Name of the master; null while there is none. */
  readonly master: string | null;
  readonly nodes: readonly NodeStatus[];
}

/** Looks at every node of a cluster; `undefined` stands for a cluster that is not up. */
export async function report(name: string, cluster?: Cluster): Promise<ClusterReport> {
  if (!cluster) {
    return { name, up: false, master: null, nodes: [] };
  }
  const nodes = await cluster.status();
  const { topology, distribution, brokerUrl, openwireUrl } = cluster;
  const { version, source } = distribution;
  const master = nodes.find(({ state }) => state === 'master')?.name ?? null;
  return { name, up: true, topology, version, source, brokerUrl, openwireUrl, master, nodes };
}

/** The report for a person. */
export function reportText({ name, up, topology, version, source, brokerUrl, nodes }: ClusterReport): string {
  if (!up) {
    return `No cluster '${name}' is up. Start one: npm run cluster -- up shared-file`;
  }
  const lines = nodes.map((node) => {
    const ports = Object.entries(node.ports).map(([connector, port]) => `${connector} ${port}`);
    return `  ${node.name}  ${node.state.padEnd(8)}  ${node.pid === undefined ? '-'.padEnd(11) : `pid ${node.pid}`.padEnd(11)}  ${ports.join('  ')}`;
  });
  return [`Cluster '${name}': ${topology}, ActiveMQ ${version} (${source})`, ...lines, '', `ACTIVEMQ_BROKER_URL='${brokerUrl}'`].join('\n');
}
