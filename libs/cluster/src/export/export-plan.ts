import type { NodeDescription } from '../cluster-description.js';
import { type ClusterOptions, resolveClusterOptions } from '../cluster-options.js';
import { ClusterError } from '../errors.js';
import { type ClusterPlan, configurationOf } from '../plan.js';
import { STANDARD_PORTS } from '../port-plan.js';
import { hasLevelDb } from '../provision/maven-components.js';
import type { ServiceDescription } from '../service/service-description.js';
import type { ClusterTopology } from '../topologies.js';
import type { NodeConfiguration } from '../config/broker-options.js';

/** Where ActiveMQ is in its official image, and in the one that is built here. */
export const CONTAINER_HOME = '/opt/apache-activemq';

/** The environment variable with the database's password. */
export const DATABASE_PASSWORD = 'ACTIVEMQ_DB_PASSWORD';

/** An official image exists of the first, none of the second, which is the last with a replicated LevelDB store. */
const VERSION = '5.18.3';
const LEVELDB_VERSION = '5.16.7';

/** ActiveMQ's own lease, which a busy database does not break; the driver gives up in time for a master to stop before the next one starts. */
const JDBC_TIMES = { lockPollInterval: 10_000, databaseTimeout: 5_000 };

const MULTICAST = 'multicast://239.255.61.61:6155?group=activemq';

/** What is exported: every node has a host of its own, named like it, with the standard ports. */
export interface ExportPlan {
  readonly topology: ClusterTopology;
  readonly version: string;
  /** Whether the official image lacks something, so that one has to be built. */
  readonly buildsImage: boolean;
  readonly nodes: readonly NodeDescription[];
  readonly services: readonly ServiceDescription[];
  /** Configuration of a broker. */
  configurationOf(node: NodeDescription): NodeConfiguration;
}

/** Options of `exportCluster`: those of `startCluster` that a configuration depends on. */
export type ExportOptions = Pick<
  ClusterOptions,
  'topology' | 'nodes' | 'version' | 'broker' | 'lockPollInterval' | 'locker' | 'databaseTimeout'
>;

/** Throws a ClusterError `BAD_OPTION` that names the option and what it may be. */
export function planExport(options: ExportOptions): ExportPlan {
  const resolved = resolveClusterOptions({ ...(options.topology === 'jdbc' && JDBC_TIMES), ...options });
  const { topology } = resolved;
  const version = options.version ?? (topology === 'replicated-leveldb' ? LEVELDB_VERSION : VERSION);
  if (!/^\d{1,3}(\.\d{1,4}){1,3}$/.test(version)) {
    throw new ClusterError('BAD_OPTION', `export: '${version}' is not an ActiveMQ version; write one like ${VERSION}`);
  }
  if (topology === 'replicated-leveldb' && !hasLevelDb(version)) {
    throw new ClusterError(
      'BAD_OPTION',
      `export: ActiveMQ ${version} has no replicated LevelDB store; 5.9 to 5.16 have, such as ${LEVELDB_VERSION}`,
    );
  }
  const { stomp, openwire, replication } = STANDARD_PORTS;
  const ports = { stomp, openwire, ...(topology === 'replicated-leveldb' && { replication }) };
  const nodes = Array.from({ length: resolved.nodes }, (_, index) => ({ name: `broker${index + 1}`, host: `broker${index + 1}`, ports }));
  const services = servicesOf(topology);
  const plan: ClusterPlan = {
    options: resolved,
    folder: '/',
    nodes,
    services,
    password: `\${${DATABASE_PASSWORD}}`,
    multicastUri: topology === 'network-multicast' ? MULTICAST : undefined,
    exported: {
      data: '${activemq.data}',
      temporary: '${java.io.tmpdir}/activemq',
      listen: '0.0.0.0',
      origin: `Exported by the cluster tool: topology ${topology},`,
    },
  };
  return {
    topology,
    version,
    buildsImage: topology === 'jdbc' || topology === 'replicated-leveldb',
    nodes,
    services,
    configurationOf: (node) => configurationOf(node, plan),
  };
}

function servicesOf(topology: ClusterTopology): ServiceDescription[] {
  const { postgresql, zookeeper } = STANDARD_PORTS;
  if (topology === 'jdbc') {
    return [{ kind: 'database', name: 'database', host: 'database', ports: { postgresql }, programs: '' }];
  }
  const names = topology === 'replicated-leveldb' ? ['zookeeper1', 'zookeeper2', 'zookeeper3'] : [];
  return names.map((name) => ({ kind: 'zookeeper', name, host: name, ports: zookeeper, classPath: '' }));
}
