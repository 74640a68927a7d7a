import { EmbeddedCluster } from 'nestjs-activemq/embedded';

import type { DemoBroker } from './demo.module.js';

/** ms until the slave takes over, so that the failover can be seen. */
const TAKEOVER_DELAY = 200;

/** A master and a slave inside this process. */
export interface StartedEmbeddedCluster {
  readonly broker: DemoBroker;
  /** As `kill -9`; resolves with the moment of it, in ms since 1970. */
  killMaster(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts an embedded master and slave on one store. */
export async function startEmbeddedCluster(): Promise<StartedEmbeddedCluster> {
  const cluster = await new EmbeddedCluster({ takeoverDelay: TAKEOVER_DELAY, log: () => undefined }).start();
  const nodes = cluster.nodes.map((name) => `vm://${name}`);
  return {
    broker: { brokerUrl: `failover:(${nodes.join(',')})?randomize=false`, embeddedBroker: cluster },
    async killMaster() {
      const at = Date.now();
      await cluster.killMaster();
      return at;
    },
    stop: () => cluster.stop(),
  };
}
