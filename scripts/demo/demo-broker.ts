import { startCluster } from 'activemq-cluster';

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
  progress(choice === 'single' ? 'Starting ActiveMQ ...' : 'Starting ActiveMQ, a master and a slave ...');
  const cluster = await startCluster({ topology: choice, progress });
  let restarted: Promise<void> | undefined;
  return {
    brokerUrl: cluster.brokerUrl,
    async killMaster() {
      const { name } = await cluster.waitForMaster();
      const at = Date.now();
      await cluster.kill(name);
      progress(`Killed ${name}, the master`);
      // Alone, it has nobody who takes over.
      if (choice === 'single') {
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
