import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cluster } from './cluster.js';
import { artemisFolder, type NodeDescription, nodePaths } from './cluster-description.js';
import { type ClusterOptions, type ResolvedClusterOptions, resolveClusterOptions } from './cluster-options.js';
import { artemisFiles } from './config/artemis-xml.js';
import { activemqXml } from './config/activemq-xml.js';
import type { NodePorts } from './config/broker-options.js';
import type { ManagedNode } from './managed-node.js';
import { chooseMulticast } from './multicast.js';
import { LOOPBACK, nodeAddress } from './namespace/addresses.js';
import { chooseSubnet, createNamespaces, removeNamespaces } from './namespace/namespaces.js';
import { configurationOf } from './plan.js';
import { chooseClusterFolder, createClusterFolder, removeClusterFolder } from './process/folder.js';
import { documentedPorts } from './port-plan.js';
import { reservePorts, takePorts } from './process/ports.js';
import { startWatchdog } from './process/watchdog.js';
import { createServices, describeServices, provisionFor, type Provisions } from './services.js';
import { sharesStore, traitsOf } from './topologies.js';

/**
 * Starts real ActiveMQ brokers on 127.0.0.1, and the database or ZooKeepers they stand on; resolves once one is master and the others wait as
 * slaves, in a network once all have found each other. They end with this process, however it ends, and at `down()`. Throws a ClusterError
 * (`BAD_OPTION`, `NO_BROKER`, `NO_DATABASE`, `NO_MULTICAST`, `NO_NAMESPACES`, `PORT_TAKEN`, `START_FAILED`, `START_TIMEOUT`) and leaves nothing behind.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const resolved = resolveClusterOptions(options);
  const multicastUri = resolved.topology === 'network-multicast' ? await chooseMulticast() : undefined;
  const provisions = await provisionFor(resolved);
  const cluster = await prepare(resolved, provisions, multicastUri);
  try {
    const { topology, startTimeout } = resolved;
    await startAll(cluster.services);
    const sharing = traitsOf(topology).elects ? [] : cluster.nodes.filter(({ name }) => sharesStore(topology, name));
    const slaves = sharing.slice(1);
    await startAll(cluster.nodes.filter((node) => !slaves.includes(node)));
    if (slaves.length > 0) {
      // Not before: so the first is always the master to begin with.
      await cluster.waitForMaster(startTimeout);
      await startAll(slaves);
    }
    await cluster.waitUntilComplete(startTimeout);
    return cluster;
  } catch (error) {
    await cluster.down().catch((second: unknown) => {
      throw new AggregateError([error, second], 'the cluster did not start, and could not be taken down completely', { cause: error });
    });
    throw error;
  }
}

async function startAll(nodes: readonly ManagedNode[]): Promise<void> {
  // Every start has to end before anything is taken down again.
  const starts = await Promise.allSettled(nodes.map(async (node) => node.start()));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) {
    throw failed.reason;
  }
}

/** Folder, watchdog, ports, database files and configuration: everything but the processes. */
async function prepare(options: ResolvedClusterOptions, provisions: Provisions, multicastUri: string | undefined): Promise<Cluster> {
  const folder = await chooseClusterFolder();
  const marker = randomBytes(16).toString('hex');
  // On guard before there is anything to guard.
  const watchdog = await startWatchdog(folder, marker);
  try {
    await createClusterFolder(folder);
    const subnet = options.partitionable ? await chooseSubnet() : undefined;
    const nodes = (await describeNodes(options, folder)).map((node, index) => withHost(node, subnet, index));
    const services = (await describeServices(options, provisions, folder)).map((service, index) =>
      withHost(service, subnet, nodes.length + index),
    );
    if (subnet !== undefined) {
      await createNamespaces(
        folder,
        subnet,
        [...nodes, ...services].map(({ name, host = LOOPBACK }) => ({ name, host })),
      );
    }
    const password = await createServices(services, folder);
    for (const node of options.product === 'artemis' ? nodes : []) {
      await configureArtemis(folder, node);
    }
    for (const node of options.product === 'artemis' ? [] : nodes) {
      const configuration = configurationOf(node, { options, folder, nodes, services, password, multicastUri });
      await writeFile(nodePaths(folder, node.name).configuration, activemqXml(configuration, options.broker), { mode: 0o600 });
    }
    const { topology, jvmOptions, startTimeout } = options;
    const { distribution } = provisions;
    return new Cluster(
      { topology, folder, marker, distribution, jvmOptions, startTimeout, nodes, services, ...(subnet !== undefined && { subnet }) },
      watchdog,
      options.credentials,
    );
  } catch (error) {
    await removeNamespaces(folder);
    await removeClusterFolder(folder);
    await watchdog.release();
    throw error;
  }
}

async function configureArtemis(folder: string, { name, host = LOOPBACK, ports }: NodeDescription): Promise<void> {
  const etc = artemisFolder(folder, name);
  await mkdir(etc);
  const brokerXml = join(etc, 'broker.xml');
  const files = artemisFiles({ nodeName: name, host, ports, dataDirectory: join(folder, 'data'), brokerXml });
  await Promise.all(Object.entries(files).map(async ([file, text]) => writeFile(join(etc, file), text, { mode: 0o600 })));
}

/** With a namespace of its own a member has an address of its own. */
function withHost<Member extends object>(member: Member, subnet: string | undefined, index: number): Member & { readonly host?: string } {
  return subnet === undefined ? member : { ...member, host: nodeAddress(subnet, index) };
}

async function describeNodes(options: ResolvedClusterOptions, folder: string): Promise<NodeDescription[]> {
  const own = options.topology === 'replicated-leveldb' ? ['replication'] : [];
  const connectors = ['stomp', 'openwire', ...own, ...(options.broker.connectors ?? []).map(({ name }) => name)];
  if (options.portPlan === 'documented') {
    const nodes = Array.from({ length: options.nodes }, (_, index) => ({
      name: `broker${index + 1}`,
      ports: documentedPorts(index, connectors),
    }));
    await takePorts(
      folder,
      nodes.flatMap(({ ports }) => Object.values(ports)),
    );
    return nodes;
  }
  const ports = await reservePorts(folder, options.nodes * connectors.length);
  return Array.from({ length: options.nodes }, (_, index) => ({
    name: `broker${index + 1}`,
    ports: Object.fromEntries(connectors.map((name, position) => [name, ports[index * connectors.length + position]])) as NodePorts,
  }));
}
