import { type Cluster, startCluster } from 'activemq-cluster';
import type { TestProject } from 'vitest/node';
import { type BrokerConfiguration, REAL_CONFIGURATIONS } from './broker-configurations.js';
import type { ProvidedBroker } from './provided-brokers.js';

/** Starts every real broker once for the whole run, and ends them after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const clusters: Cluster[] = [];
  const down = async () => {
    await Promise.all(clusters.map(async (cluster) => cluster.down()));
  };
  try {
    const brokers: ProvidedBroker[] = [];
    for (const requested of requestedVersions()) brokers.push(await startBroker(requested, clusters));
    project.provide('conformanceBrokers', brokers);
  } catch (error) {
    await down();
    throw error;
  }
  return down;
}

/** The machine's own ActiveMQ, and each one that `CONFORMANCE_VERSIONS` names. */
function requestedVersions(): readonly (string | undefined)[] {
  const named = (process.env['CONFORMANCE_VERSIONS'] ?? '').split(',').map((version) => version.trim());
  return [undefined, ...named.filter((version) => version !== '')];
}

async function startBroker(requested: string | undefined, clusters: Cluster[]): Promise<ProvidedBroker> {
  const start = async (configuration: BrokerConfiguration): Promise<Cluster> => {
    const cluster = await startCluster({
      topology: 'single',
      ...(requested === undefined ? {} : { version: requested }),
      broker: REAL_CONFIGURATIONS[configuration],
      // A hot JVM throws exceptions without a message; a broker then closes the connection where it answered with an ERROR frame before.
      jvmOptions: ['-XX:-OmitStackTraceInFastThrow', '-XX:TieredStopAtLevel=1'],
    });
    clusters.push(cluster);
    return cluster;
  };
  const [policies, guarded] = await settleBoth(start('policies'), start('guarded'));
  return {
    version: policies.distribution.version,
    ...(requested === undefined ? {} : { requested }),
    ports: { policies: stompPort(policies), guarded: stompPort(guarded) },
  };
}

/** Both have to be there or gone before anything is taken down again. */
async function settleBoth(...starts: [Promise<Cluster>, Promise<Cluster>]): Promise<[Cluster, Cluster]> {
  await Promise.allSettled(starts);
  return Promise.all(starts);
}

function stompPort({ nodes: [node] }: Cluster): number {
  if (node === undefined) throw new Error('The cluster tool started a broker without a node');
  return node.ports.stomp;
}
