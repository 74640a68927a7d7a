import { type Cluster, type ClusterTopology, startCluster } from 'activemq-cluster';

import type { DemoArguments } from './arguments.js';

/** What a run runs on. */
export interface DemoBroker {
  /** Absent when the demo's process has brokers of its own. */
  readonly brokerUrl?: string;
  /** `kill -9` of the master; resolves with the moment of it, in ms since 1970. */
  killMaster(): Promise<number>;
  /** Ends what was started for the run. */
  stop(): Promise<void>;
}

/**
 * Starts the brokers of a run, or takes those that run already.
 *
 * @throws ClusterError that says what is missing and how to get it
 */
export async function demoBroker(choice: DemoArguments['broker'], progress: (line: string) => void): Promise<DemoBroker> {
  if (typeof choice === 'object') {
    return {
      brokerUrl: choice.url,
      killMaster: () => Promise.reject(new Error('The demo kills only brokers that it has started')),
      stop: async () => undefined,
    };
  }
  if (choice === 'vm') {
    return { killMaster: () => Promise.reject(new Error('Embedded brokers die in their own process')), stop: async () => undefined };
  }
  progress(`Starting ActiveMQ: ${choice} ...`);
  // The only topology that a Debian package cannot run.
  const version = choice === 'replicated-leveldb' && !process.env['ACTIVEMQ_VERSION'] ? LAST_LEVELDB : undefined;
  const cluster = await startCluster({ topology: choice, version, progress, startTimeout: START_TIMEOUT });
  let restarted: Promise<void> | undefined;
  return {
    brokerUrl: demoUrl(cluster),
    async killMaster() {
      const { name } = await victimOf(cluster);
      const at = Date.now();
      await cluster.kill(name);
      progress(`Killed ${name}${hasMaster(choice) ? ', the master' : ''}`);
      // Nobody takes over what lies in it.
      if (!hasMaster(choice) || choice === 'single') {
        restarted = cluster.start(name);
        restarted.then(
          () => progress(`Started ${name} again`),
          (error: unknown) => progress(`${name} does not start again: ${String(error)}`),
        );
      }
      return at;
    },
    async stop() {
      // A start that failed was told above, and the run with it.
      await Promise.allSettled([restarted]);
      await cluster.down();
    },
  };
}

/** The last ActiveMQ with a replicated LevelDB store. */
const LAST_LEVELDB = '5.16.7';
/** ms a broker may take to start; three of them with three ZooKeepers are slow. */
const START_TIMEOUT = 120_000;

/** A network of equals has no master. */
function hasMaster(topology: ClusterTopology): boolean {
  return !topology.startsWith('network-');
}

/** Whom `--kill-master` kills: the master, in a network the broker that the demo is at. */
async function victimOf(cluster: Cluster): Promise<{ readonly name: string }> {
  const [first] = cluster.nodes;
  return hasMaster(cluster.topology) || !first ? cluster.waitForMaster() : first;
}

/** Every broker, the one first whose death the demo shall live through: in `combined` the master of the pair. */
function demoUrl({ topology, nodes, brokerUrl }: Cluster): string {
  const [alone, ...pair] = nodes;
  if (topology !== 'combined' || !alone) return brokerUrl;
  return `failover:(${[...pair, alone].map(({ url }) => url).join(',')})?randomize=false`;
}
