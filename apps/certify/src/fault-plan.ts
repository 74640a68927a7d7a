import type { ClusterTopology, JdbcLocker } from 'activemq-cluster';

import { endured, type Fault, type FaultTarget, survived } from './fault.js';

/** What is certified: a topology, and what it is made of. */
export interface PlannedCluster {
  readonly topology: ClusterTopology;
  /** Names of the brokers. */
  readonly brokers: readonly string[];
  /** Of `jdbc`. */
  readonly locker?: JdbcLocker;
}

/** Messages that lie in a broker of a network when it dies. */
const BACKLOG = 300;

/** What the documents kill in a topology, and what they forget, in order. */
export function faultPlan({ topology, brokers, locker }: PlannedCluster): readonly Fault[] {
  const plans: Readonly<Record<ClusterTopology, readonly Fault[]>> = {
    single: [endured('kill', 'master'), endured('stop', 'master'), endured('pause', 'master'), endured('partition', 'master')],
    // A silent master keeps the lock of the folder: nobody takes over, and nobody may.
    'shared-file': [
      survived('kill', 'master'),
      survived('stop', 'master'),
      survived('kill', 'slave'),
      endured('pause', 'master'),
      endured('partition', 'master'),
    ],
    jdbc: jdbcFaults(locker === 'database' ? endured : survived),
    'network-static': [...networkFaults(brokers), survived('partition', 'broker1'), survived('partition', 'broker1', BRIDGE_CUT)],
    'network-multicast': networkFaults(brokers),
    combined: [
      survived('kill', 'broker1', { name: 'kill-A', backlog: BACKLOG }),
      survived('kill', 'broker2', { name: 'kill-B' }),
      survived('kill', 'broker3', { name: 'kill-C' }),
      survived('stop', 'master'),
      survived('pause', 'master'),
      survived('pause', 'broker1', { name: 'pause-A' }),
      survived('partition', 'master'),
      survived('partition', 'broker1', { name: 'partition-A' }),
    ],
    'replicated-leveldb': [
      survived('kill', 'master'),
      survived('stop', 'master'),
      survived('kill', 'slave'),
      survived('pause', 'master'),
      survived('partition', 'master'),
      survived('kill', 'zookeeper-leader'),
      endured('kill', 'zookeeper-quorum'),
      endured('kill', 'master', { name: 'kill-two-of-three', targets: ['slave', 'master'] }),
    ],
  };
  return plans[topology];
}

/** The brokers no longer reach each other, and the clients both. */
const BRIDGE_CUT: Partial<Fault> = { name: 'partition-broker1-from-broker2', from: ['broker2'] };

/** @param silenced what becomes of a master that says nothing: a lease runs out, a row stays locked as long as the connection is open */
function jdbcFaults(silenced: typeof survived): Fault[] {
  return [
    survived('kill', 'master'),
    survived('stop', 'master'),
    survived('kill', 'slave'),
    silenced('pause', 'master'),
    silenced('partition', 'master'),
    silenced('partition', 'master', { name: 'partition-master-from-database', from: ['database'] }),
    endured('stop', 'database'),
    endured('kill', 'database'),
    endured('pause', 'database'),
  ];
}

/** Each broker in turn; what lies in it comes back with it. */
function networkFaults(brokers: readonly string[]): Fault[] {
  return brokers.flatMap((name) => {
    const broker = name as FaultTarget;
    return [
      survived('kill', broker),
      survived('kill', broker, { name: `kill-${broker}-with-backlog`, backlog: BACKLOG }),
      survived('stop', broker),
      survived('pause', broker),
    ];
  });
}
