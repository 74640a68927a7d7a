import type { ResolvedClusterOptions } from './cluster-options.js';
import { ClusterError } from './errors.js';
import { documentedZooKeeperPorts } from './port-plan.js';
import { reservePorts, takePorts } from './process/ports.js';
import { provisionArtemis } from './provision/artemis.js';
import type { BrokerDistribution } from './provision/distribution.js';
import { type ProvisionEnvironment, systemEnvironment } from './provision/environment.js';
import { provisionJdbcDriver } from './provision/jdbc-driver.js';
import { hasLevelDb } from './provision/maven-components.js';
import { type DatabasePrograms, provisionPostgresql } from './provision/postgresql.js';
import { provisionBroker } from './provision/provision.js';
import { createDatabase } from './service/database.js';
import type { ServiceDescription, ZooKeeperDescription } from './service/service-description.js';
import { configureZooKeepers } from './service/zookeeper.js';

/** What this machine has for a topology: looked for before anything is started. */
export interface Provisions {
  readonly distribution: BrokerDistribution;
  readonly database?: DatabasePrograms;
}

/** Finds or installs the broker and what the topology needs beside it. Throws a ClusterError that says what is missing and how to get it. */
export async function provisionFor({ topology, product, version, progress }: ResolvedClusterOptions): Promise<Provisions> {
  if (product === 'artemis') {
    return { distribution: await provisionArtemis(systemEnvironment(progress), version) };
  }
  const distribution = await provisionBroker({ version, progress });
  const environment: ProvisionEnvironment = systemEnvironment(progress);
  if (topology === 'replicated-leveldb' && !hasLevelDb(distribution.version)) {
    throw new ClusterError(
      'NO_BROKER',
      `ActiveMQ ${distribution.version} (${distribution.source}) has no replicated LevelDB store: 5.9 brought it, 5.17 removed it; ` +
        'ask for an older one, which Maven fetches: --version 5.16.7 (Debian, Ubuntu: apt-get install maven), or set ACTIVEMQ_HOME to one',
    );
  }
  if (topology !== 'jdbc') {
    return { distribution };
  }
  const database = await provisionPostgresql(environment);
  const classPath = `${distribution.classPath}:${await provisionJdbcDriver(environment)}`;
  return { distribution: { ...distribution, classPath }, database };
}

/** The services of a topology, with ports of their own. */
export async function describeServices(
  { topology, portPlan }: ResolvedClusterOptions,
  { distribution, database }: Provisions,
  folder: string,
): Promise<ServiceDescription[]> {
  if (database) {
    const [postgresql = 0] = await reservePorts(folder, 1);
    return [{ kind: 'database', name: 'database', ports: { postgresql }, ...database }];
  }
  if (topology !== 'replicated-leveldb') {
    return [];
  }
  const ports = portPlan === 'documented' ? await documentedEnsemble(folder) : await freeEnsemble(folder);
  // The store brings the ZooKeeper it was written for, server included.
  const { classPath } = distribution;
  return ports.map((own, index): ZooKeeperDescription => ({ kind: 'zookeeper', name: `zookeeper${index + 1}`, ports: own, classPath }));
}

async function freeEnsemble(folder: string): Promise<ZooKeeperDescription['ports'][]> {
  const ports = await reservePorts(folder, ENSEMBLE * 3);
  return Array.from({ length: ENSEMBLE }, (_, index) => {
    const [client = 0, quorum = 0, election = 0] = ports.slice(index * 3);
    return { client, quorum, election };
  });
}

async function documentedEnsemble(folder: string): Promise<ZooKeeperDescription['ports'][]> {
  const ports = Array.from({ length: ENSEMBLE }, (_, index) => documentedZooKeeperPorts(index));
  await takePorts(
    folder,
    ports.flatMap((own) => Object.values(own)),
  );
  return ports;
}

/** The smallest ensemble that can lose a member. */
const ENSEMBLE = 3;

/** Makes the services' files; the database's password, if there is one. */
export async function createServices(services: readonly ServiceDescription[], folder: string): Promise<string | undefined> {
  const [database] = services.filter((service) => service.kind === 'database');
  await configureZooKeepers(
    folder,
    services.filter((service) => service.kind === 'zookeeper'),
  );
  return database && createDatabase(folder, database);
}
