import { join } from 'node:path';
import { type NodeDescription, nodePaths } from './cluster-description.js';
import type { ResolvedClusterOptions } from './cluster-options.js';
import type { NetworkConfiguration, NodeConfiguration } from './config/broker-options.js';
import type { StoreConfiguration } from './config/store-options.js';
import { LOOPBACK } from './namespace/addresses.js';
import type { ServiceDescription } from './service/service-description.js';
import { brokerNameOf, sharesStore } from './topologies.js';

/** Where an exported broker finds its things, in place of a cluster's folder on this machine. */
interface ExportedPlaces {
  readonly data: string;
  readonly temporary: string;
  /** Address the connectors listen on. */
  readonly listen: string;
  /** What the first comment of each file says. */
  readonly origin: string;
}

/** What is known of a cluster before its brokers are configured. */
export interface ClusterPlan {
  readonly options: ResolvedClusterOptions;
  readonly folder: string;
  readonly nodes: readonly NodeDescription[];
  readonly services: readonly ServiceDescription[];
  /** The database's, for `jdbc`. */
  readonly password?: string;
  /** Where networked brokers find each other, for `network-multicast`. */
  readonly multicastUri?: string;
  /** Only for an export. */
  readonly exported?: ExportedPlaces;
}

/** The configuration of one node of a planned cluster. */
export function configurationOf(node: NodeDescription, plan: ClusterPlan): NodeConfiguration {
  const { options, exported } = plan;
  const shared = sharesStore(options.topology, node.name);
  const data = exported?.data ?? dataFolder(node, plan);
  return {
    brokerName: brokerNameOf(options.topology, node.name),
    nodeName: node.name,
    ...(exported && { origin: `${exported.origin} ${node.name}.`, placeholders: true }),
    host: exported?.listen ?? node.host,
    ports: node.ports,
    dataDirectory: data,
    temporaryDirectory: exported?.temporary ?? join(nodePaths(plan.folder, node.name).temporary, 'broker'),
    lockAcquireSleepInterval: shared ? options.lockPollInterval : undefined,
    store: storeOf(node, plan, data),
    network: networkOf(node, plan),
  };
}

/** Master and slaves on one file system have all in common; elsewhere each broker has a folder of its own. */
function dataFolder(node: NodeDescription, { options, folder }: ClusterPlan): string {
  const data = join(folder, 'data');
  if (['single', 'shared-file'].includes(options.topology)) {
    return data;
  }
  return join(data, options.topology === 'combined' && sharesStore(options.topology, node.name) ? 'shared' : node.name);
}

function storeOf(
  node: NodeDescription,
  { options, services, password, exported }: ClusterPlan,
  data: string,
): StoreConfiguration | undefined {
  if (options.topology === 'jdbc') {
    const database = services.find((service) => service.kind === 'database');
    const url = `jdbc:postgresql://${database?.host ?? LOOPBACK}:${database?.ports.postgresql}/postgres${timeouts(options.databaseTimeout)}`;
    return { kind: 'jdbc', url, username: 'postgres', password: password ?? '', locker: options.locker };
  }
  if (options.topology === 'replicated-leveldb') {
    const clients = services.flatMap((service) =>
      service.kind === 'zookeeper' ? [`${service.host ?? LOOPBACK}:${service.ports.client}`] : [],
    );
    return {
      kind: 'leveldb',
      directory: join(data, 'leveldb'),
      replicas: options.nodes,
      bind: `tcp://${exported?.listen ?? node.host ?? LOOPBACK}:${node.ports['replication']}`,
      hostname: node.host ?? LOOPBACK,
      zkAddress: clients.join(','),
      zkPath: ZK_PATH,
    };
  }
  return undefined;
}

/** Without them the driver waits as long as TCP does: a broker that is cut off from the database believes for minutes that it is master. */
function timeouts(milliseconds: number | undefined): string {
  const seconds = milliseconds && Math.ceil(milliseconds / 1000);
  return seconds === undefined ? '' : `?socketTimeout=${seconds}&connectTimeout=${seconds}`;
}

/** Where the brokers of a replicated LevelDB store stand in ZooKeeper. */
export const ZK_PATH = '/activemq/leveldb-stores';

/** ms between two tries to build a bridge, at most: ActiveMQ's own 30 s keep a broker that died twice out of the network for as long. */
const RECONNECT = '?maxReconnectDelay=2000';

/** ms without a word, twice that at most, after which a bridge is given up; ActiveMQ's own are 30 s. */
const BRIDGE_INACTIVITY = 'wireFormat.maxInactivityDuration=5000';

function networkOf(node: NodeDescription, { options, nodes, multicastUri }: ClusterPlan): NetworkConfiguration | undefined {
  const others = nodes.filter((other) => other !== node);
  if (options.topology === 'network-multicast') {
    return multicastUri === undefined ? undefined : { uri: `${multicastUri}&discovered.${BRIDGE_INACTIVITY}`, discoveryUri: multicastUri };
  }
  if (options.topology === 'combined') {
    const [alone, ...pair] = nodes;
    // One bridge to whichever of the pair is master, and one from it: a slave's connectors are closed.
    return alone === node
      ? { uri: `masterslave:(${addresses(pair)})${RECONNECT}` }
      : { uri: `static:(${addresses(alone ? [alone] : [])})${RECONNECT}` };
  }
  return options.topology === 'network-static' ? { uri: `static:(${addresses(others)})${RECONNECT}` } : undefined;
}

function addresses(nodes: readonly NodeDescription[]): string {
  return nodes.map(({ host = LOOPBACK, ports }) => `tcp://${host}:${ports.openwire}?${BRIDGE_INACTIVITY}`).join(',');
}
