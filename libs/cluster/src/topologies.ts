/**
 * `single`: one broker.
 * `shared-file`: master and slaves on one KahaDB folder; slaves keep their ports closed until they own its lock.
 * `jdbc`: master and slaves on one PostgreSQL database.
 * `network-static`: brokers that forward messages to each other, each with the list of the others.
 * `network-multicast`: the same, but the brokers find each other.
 * `combined`: broker1 networked with broker2 and broker3, which are master and slave on one KahaDB folder.
 * `replicated-leveldb`: master and slaves that replicate a LevelDB store and elect the master with three ZooKeepers; ActiveMQ 5.9 to 5.16.
 */
export type ClusterTopology =
  | 'single'
  | 'shared-file'
  | 'jdbc'
  | 'network-static'
  | 'network-multicast'
  | 'combined'
  | 'replicated-leveldb';

/** What a topology is made of. */
export interface TopologyTraits {
  /** Least, default and most brokers. */
  readonly nodes: readonly [least: number, preset: number, most: number];
  /** Default of `lockPollInterval`, ms. */
  readonly lockPollInterval: number;
  /** Whether it takes several brokers to make one of them master; elsewhere the one that is there first is master. */
  readonly elects: boolean;
}

const MASTER_SLAVE: TopologyTraits = { nodes: [2, 2, 5], lockPollInterval: 500, elects: false };
const NETWORK: TopologyTraits = { nodes: [2, 2, 5], lockPollInterval: 500, elects: false };

const TRAITS: Readonly<Record<ClusterTopology, TopologyTraits>> = {
  single: { ...MASTER_SLAVE, nodes: [1, 1, 1] },
  'shared-file': MASTER_SLAVE,
  // A lease lasts as long as a slave sleeps: below two seconds a busy machine loses it for nothing.
  jdbc: { ...MASTER_SLAVE, lockPollInterval: 2_000 },
  'network-static': NETWORK,
  'network-multicast': NETWORK,
  combined: { ...MASTER_SLAVE, nodes: [3, 3, 3] },
  // Two of three have to be there before one can be elected.
  'replicated-leveldb': { nodes: [3, 3, 3], lockPollInterval: 500, elects: true },
};

/** The topologies there are. */
export const TOPOLOGIES = Object.keys(TRAITS) as readonly ClusterTopology[];

/** What the topology is made of. */
export function traitsOf(topology: ClusterTopology): TopologyTraits {
  return TRAITS[topology];
}

/** Whether a broker has its store, and the right to be master, in common with others. */
export function sharesStore(topology: ClusterTopology, node: string): boolean {
  return topology === 'combined' ? node !== 'broker1' : ['shared-file', 'jdbc', 'replicated-leveldb'].includes(topology);
}

/** Whether a broker forwards messages to others. */
export function isNetworked(topology: ClusterTopology): boolean {
  return topology === 'network-static' || topology === 'network-multicast' || topology === 'combined';
}

/** The broker's name, which master and slaves have in common: for clients and for the network they are one broker. */
export function brokerNameOf(topology: ClusterTopology, node: string): string {
  return sharesStore(topology, node) ? 'shared' : node;
}
