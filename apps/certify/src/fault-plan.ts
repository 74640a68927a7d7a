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
  switch (topology) {
    case 'single':
      return [endured('kill', 'master'), endured('stop', 'master'), endured('pause', 'master')];
    case 'shared-file':
      // A paused master keeps the lock of the folder: nobody takes over, and nobody may.
      return [survived('kill', 'master'), survived('stop', 'master'), endured('pause', 'master'), survived('kill', 'slave')];
    case 'jdbc':
      return [
        survived('kill', 'master'),
        survived('stop', 'master'),
        // A lease runs out while its master sleeps; a row stays locked as long as the connection is open.
        locker === 'database' ? endured('pause', 'master') : survived('pause', 'master'),
        survived('kill', 'slave'),
        endured('stop', 'database'),
        endured('kill', 'database'),
        endured('pause', 'database'),
      ];
    case 'network-static':
    case 'network-multicast':
      return brokers.flatMap((broker) => networkFaults(broker as FaultTarget));
    case 'combined':
      return [
        survived('kill', 'broker1', { name: 'kill-A', backlog: BACKLOG }),
        survived('kill', 'broker2', { name: 'kill-B' }),
        survived('kill', 'broker3', { name: 'kill-C' }),
        survived('stop', 'master'),
        survived('pause', 'master'),
        survived('pause', 'broker1', { name: 'pause-A' }),
      ];
    case 'replicated-leveldb':
      return [
        survived('kill', 'master'),
        survived('stop', 'master'),
        survived('pause', 'master'),
        survived('kill', 'slave'),
        endured('kill', 'master', { name: 'kill-two-of-three', targets: ['slave', 'master'] }),
        survived('kill', 'zookeeper-leader'),
        endured('kill', 'zookeeper-quorum'),
      ];
  }
}

/** Of one broker of a network: what lies in it comes back with it. */
function networkFaults(broker: FaultTarget): Fault[] {
  return [
    survived('kill', broker),
    survived('kill', broker, { name: `kill-${broker}-with-backlog`, backlog: BACKLOG }),
    survived('stop', broker),
    survived('pause', broker),
  ];
}
