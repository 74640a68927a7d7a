import { startCluster } from 'activemq-cluster';

/** A broker that somebody has started for the application. */
export interface StartedBroker {
  readonly brokerUrl: string;
  /** For the line that says what was started. */
  readonly description: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/**
 * The broker that the sample runs on when nobody names one: a real ActiveMQ on this machine.
 *
 * @throws ClusterError that says what is missing and how to get it
 */
export async function defaultBroker(progress: (line: string) => void): Promise<StartedBroker> {
  const cluster = await startCluster({ topology: 'single', progress });
  return {
    brokerUrl: cluster.brokerUrl,
    description: `ActiveMQ ${cluster.distribution.version} (${cluster.distribution.source})`,
    stop: () => cluster.down(),
  };
}
