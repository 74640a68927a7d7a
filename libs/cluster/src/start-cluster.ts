import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cluster } from './cluster.js';
import { type NodeDescription, nodePaths } from './cluster-description.js';
import { type ClusterOptions, type ResolvedClusterOptions, resolveClusterOptions } from './cluster-options.js';
import { activemqXml } from './config/activemq-xml.js';
import type { NodeConfiguration, NodePorts } from './config/broker-options.js';
import { chooseClusterFolder, createClusterFolder, removeClusterFolder } from './process/folder.js';
import { reservePorts } from './process/ports.js';
import { startWatchdog } from './process/watchdog.js';
import type { BrokerDistribution } from './provision/distribution.js';
import { provisionBroker } from './provision/provision.js';

/**
 * Starts real ActiveMQ brokers on 127.0.0.1 and resolves once the first is master and the others wait as slaves. They end with this process,
 * however it ends, and at `down()`. Throws a ClusterError (`BAD_OPTION`, `NO_BROKER`, `START_FAILED`, `START_TIMEOUT`) and leaves nothing behind.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const resolved = resolveClusterOptions(options);
  const distribution = await provisionBroker({ version: resolved.version, progress: resolved.progress });
  const cluster = await prepare(resolved, distribution);
  try {
    const [first, ...others] = cluster.nodes;
    // Alone first, so that it is always the master to begin with.
    await first?.start();
    // Every start has to end before anything is taken down again.
    const starts = await Promise.allSettled(others.map((node) => node.start()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) {
      throw failed.reason;
    }
    return cluster;
  } catch (error) {
    await cluster.down().catch((second: unknown) => {
      throw new AggregateError([error, second], 'the cluster did not start, and could not be taken down completely', { cause: error });
    });
    throw error;
  }
}

/** Folder, watchdog, ports and configuration: everything but the brokers. */
async function prepare(options: ResolvedClusterOptions, distribution: BrokerDistribution): Promise<Cluster> {
  const folder = await chooseClusterFolder();
  const marker = randomBytes(16).toString('hex');
  // On guard before there is anything to guard.
  const watchdog = await startWatchdog(folder, marker);
  try {
    await createClusterFolder(folder);
    const nodes = await describeNodes(options, folder);
    for (const node of nodes) {
      const xml = activemqXml(configurationOf(node, options, folder), options.broker);
      await writeFile(nodePaths(folder, node.name).configuration, xml, { mode: 0o600 });
    }
    const { topology, jvmOptions, startTimeout } = options;
    const description = { topology, folder, marker, distribution, jvmOptions, startTimeout, nodes };
    return new Cluster(description, watchdog, options.credentials);
  } catch (error) {
    await removeClusterFolder(folder);
    await watchdog.release();
    throw error;
  }
}

async function describeNodes(options: ResolvedClusterOptions, folder: string): Promise<NodeDescription[]> {
  const connectors = ['stomp', 'openwire', ...(options.broker.connectors ?? []).map(({ name }) => name)];
  const ports = await reservePorts(folder, options.nodes * connectors.length);
  return Array.from({ length: options.nodes }, (_, index) => ({
    name: `broker${index + 1}`,
    ports: Object.fromEntries(connectors.map((name, position) => [name, ports[index * connectors.length + position]])) as NodePorts,
  }));
}

function configurationOf(node: NodeDescription, options: ResolvedClusterOptions, folder: string): NodeConfiguration {
  const shared = options.topology === 'shared-file';
  return {
    brokerName: shared ? 'shared' : node.name,
    nodeName: node.name,
    ports: node.ports,
    dataDirectory: join(folder, 'data'),
    temporaryDirectory: join(nodePaths(folder, node.name).temporary, 'broker'),
    lockAcquireSleepInterval: shared ? options.lockPollInterval : undefined,
  };
}
