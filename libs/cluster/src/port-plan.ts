import type { NodePorts } from './config/broker-options.js';

/** What a broker or ZooKeeper listens on where it has a machine to itself. */
export const STANDARD_PORTS = {
  stomp: 61_613,
  openwire: 61_616,
  replication: 63_631,
  postgresql: 5_432,
  zookeeper: { client: 2_181, quorum: 2_881, election: 3_881 },
} as const;

/** A further connector of the first broker gets this port, the next one the next. */
const FURTHER = 61_700;

/** So many ports lie between those of two brokers: STOMP's would meet OpenWire's if it were one. */
const STEP = 10;

/**
 * Ports of the `index`-th broker (from 0) when all are on one machine, as the usual tutorials count them: OpenWire 61616, 61617, 61618,
 * replication 63631, 63632, 63633. These have no STOMP: it is 61613, 61623, 61633 here.
 */
export function documentedPorts(index: number, connectors: readonly string[]): NodePorts {
  const own: Readonly<Record<string, number>> = {
    stomp: STANDARD_PORTS.stomp + STEP * index,
    openwire: STANDARD_PORTS.openwire + index,
    replication: STANDARD_PORTS.replication + index,
  };
  const { stomp = 0, openwire = 0 } = own;
  const others = connectors.map((name, position) => [name, own[name] ?? FURTHER + STEP * index + position] as const);
  return { ...Object.fromEntries(others), stomp, openwire };
}

/** The same for a ZooKeeper: 2181, 2182, 2183 for clients, 2881 and 3881 and the following ones among themselves. */
export function documentedZooKeeperPorts(index: number): { client: number; quorum: number; election: number } {
  const { client, quorum, election } = STANDARD_PORTS.zookeeper;
  return { client: client + index, quorum: quorum + index, election: election + index };
}
