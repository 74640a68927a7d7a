import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClusterDescription, nodeMarker, nodePaths } from '../cluster-description.js';
import type { NodeCommand } from '../managed-node.js';
import { LOOPBACK } from '../namespace/addresses.js';
import type { ZooKeeperDescription } from './service-description.js';

/** Writes `zoo.cfg` and `myid` of each ZooKeeper of an ensemble. */
export async function configureZooKeepers(folder: string, ensemble: readonly ZooKeeperDescription[]): Promise<void> {
  for (const [index, { name }] of ensemble.entries()) {
    const data = join(folder, 'data', name);
    await mkdir(data);
    await writeFile(join(data, 'myid'), `${index + 1}\n`);
    await writeFile(configurationFile(folder, name), zooCfg(data, ensemble, ensemble[index]));
  }
}

/** `zoo.cfg` of one member of an ensemble. */
export function zooCfg(
  data: string,
  ensemble: readonly Pick<ZooKeeperDescription, 'host' | 'ports'>[],
  own: Pick<ZooKeeperDescription, 'host' | 'ports'> | undefined,
): string {
  return [
    '# A session ends, and with it a dead broker its part in the election, after 2 to 20 ticks (ms) without a word.',
    'tickTime=500',
    'initLimit=20',
    'syncLimit=10',
    '# Holds myid, the number of this server among those below, and the log of transactions.',
    `dataDir=${data}`,
    `clientPortAddress=${own?.host ?? LOOPBACK}`,
    `clientPort=${own?.ports.client}`,
    '# The four-letter word that tells who leads: echo srvr | nc HOST PORT',
    '4lw.commands.whitelist=srvr',
    'admin.enableServer=false',
    '# server.N=host:port of the leader for its followers:port of the election',
    ...ensemble.map(({ host = LOOPBACK, ports }, member) => `server.${member + 1}=${host}:${ports.quorum}:${ports.election}`),
    '',
  ].join('\n');
}

/** The server, with what it logs on its standard output. */
export function zooKeeperCommand(cluster: ClusterDescription, { name, classPath }: ZooKeeperDescription): NodeCommand {
  const { temporary } = nodePaths(cluster.folder, name);
  const marker = nodeMarker(cluster.marker, name);
  return {
    program: cluster.distribution.java,
    arguments: [
      marker,
      '-Xmx64m',
      '-XX:+UseSerialGC',
      '-XX:-UsePerfData',
      `-Djava.io.tmpdir=${temporary}`,
      `-Djava.util.logging.config.file=${join(cluster.folder, 'conf', 'logging.properties')}`,
      '-Dzookeeper.jmx.log4j.disable=true',
      '-cp',
      classPath,
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      configurationFile(cluster.folder, name),
    ],
    marker,
  };
}

function configurationFile(folder: string, name: string): string {
  return join(folder, 'conf', `${name}.cfg`);
}
