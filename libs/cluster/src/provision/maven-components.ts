import { join } from 'node:path';
import { none, type SourceRefusal } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { versionOf } from './home.js';
import { type Artifact, copyDependencies, pomXml } from './maven-dependencies.js';

const ACTIVEMQ = 'org.apache.activemq';

/**
 * Makes a broker's class path out of the jars that the distribution is made of, for repositories that have these, but not the
 * distribution (or without its checksum). Maven verifies each jar. A refusal, or undefined when the jars lie in `<target>/lib`.
 */
export async function fetchComponents(
  environment: ProvisionEnvironment,
  target: string,
  version: string,
): Promise<SourceRefusal | undefined> {
  const complaint = await copyDependencies(environment, join(target, 'lib'), join(target, 'pom.xml'), componentsPom(version));
  if (complaint === undefined && (await versionOf(environment, target)) === version) {
    return undefined;
  }
  return none(
    `its jars one by one: ${complaint ?? 'Maven brought no broker'}`,
    `choose a version the repository has, or unpack apache-activemq-${version}-bin.tar.gz by hand and set ACTIVEMQ_HOME`,
  );
}

/** A POM that has ActiveMQ's own parent, so that Spring, SLF4J and the rest are of the versions this ActiveMQ was released with. */
function componentsPom(version: string): string {
  return pomXml({ parent: { group: ACTIVEMQ, artifact: 'activemq-parent', version } }, componentsOf(version));
}

function componentsOf(version: string): Artifact[] {
  const own = ['spring', 'console', 'jaas', 'stomp', 'openwire-legacy', 'kahadb-store', 'jdbc-store'];
  const spring = ['aop', 'beans', 'context', 'core', 'expression'];
  return [
    ...own.map((part) => ({ group: ACTIVEMQ, artifact: `activemq-${part}`, version })),
    ...spring.map((part) => ({ group: 'org.springframework', artifact: `spring-${part}` })),
    { group: 'org.apache.xbean', artifact: 'xbean-spring' },
    // Without these two a `transformation` header kills the connection.
    { group: 'com.thoughtworks.xstream', artifact: 'xstream' },
    { group: 'org.codehaus.jettison', artifact: 'jettison' },
    { group: 'org.apache.commons', artifact: 'commons-dbcp2' },
    { group: 'org.slf4j', artifact: 'slf4j-jdk14', version: '${slf4j-version}' },
    ...(hasLevelDb(version) ? levelDbComponents(version) : []),
  ];
}

/** Whether an ActiveMQ of this version has the replicated LevelDB store: 5.9 brought it, 5.17 removed it. */
export function hasLevelDb(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 5 && minor >= 9 && minor <= 16;
}

/** The store and what it needs to replicate; the last four are not among its own dependencies. */
function levelDbComponents(version: string): Artifact[] {
  return [
    { group: ACTIVEMQ, artifact: 'activemq-leveldb-store', version },
    // The released 3.4 cannot read an address any more on Java 14 and newer (ZOOKEEPER-3779).
    { group: 'org.apache.zookeeper', artifact: 'zookeeper', version: '3.5.10' },
    { group: 'org.linkedin', artifact: 'org.linkedin.zookeeper-impl' },
    { group: 'org.linkedin', artifact: 'org.linkedin.util-core', version: '${linkedin-zookeeper-version}' },
    { group: 'org.fusesource.hawtdispatch', artifact: 'hawtdispatch-transport', version: '${hawtdispatch-version}' },
  ];
}
