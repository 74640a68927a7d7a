import { join } from 'node:path';
import type { NodePorts } from './config/broker-options.js';
import type { BrokerDistribution } from './provision/distribution.js';
import type { ServiceDescription } from './service/service-description.js';
import type { ClusterTopology } from './topologies.js';

/** One node as it stays for the cluster's life, whether it runs or not. */
export interface NodeDescription {
  readonly name: string;
  /** Where it listens; default `127.0.0.1`. */
  readonly host?: string;
  readonly ports: NodePorts;
}

/** All that is needed to find a cluster again and to start its nodes: plain data, without any secret. */
export interface ClusterDescription {
  readonly topology: ClusterTopology;
  readonly folder: string;
  /** Random; stands in the command line of each of this cluster's processes, and of no other. */
  readonly marker: string;
  readonly distribution: BrokerDistribution;
  readonly jvmOptions: readonly string[];
  readonly startTimeout: number;
  readonly nodes: readonly NodeDescription[];
  /** What the brokers stand on: a database, ZooKeepers. */
  readonly services: readonly ServiceDescription[];
  /** The first three numbers of all addresses when each node has a network namespace of its own, such as `127.77.3`. */
  readonly subnet?: string;
}

/** Where a node's files are. */
export interface NodePaths {
  readonly configuration: string;
  readonly log: string;
  readonly pid: string;
  readonly temporary: string;
}

/** The files of one node inside the cluster's folder. */
export function nodePaths(folder: string, name: string): NodePaths {
  return {
    configuration: join(folder, 'conf', `${name}.xml`),
    log: join(folder, 'log', `${name}.log`),
    pid: join(folder, 'pids', name),
    temporary: join(folder, 'tmp', name),
  };
}

/** The argument that tells a node's process from every other process of this machine. */
export function nodeMarker(marker: string, name: string): string {
  return `-Dnestjs-activemq.cluster.node=${marker}/${name}`;
}

/** LevelDB in Java closes its files by what Java 16 and newer hide; Java 8 knows nothing of that and is told to ignore it. */
const LEVELDB_OPTIONS = [
  '-XX:+IgnoreUnrecognizedVMOptions',
  ...['java.nio', 'jdk.internal.ref'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
];

/** Where an Artemis broker's `broker.xml` and what belongs to it are. */
export function artemisFolder(folder: string, name: string): string {
  return join(folder, 'conf', name);
}

/** Arguments for `java` that start a node. */
export function javaArguments({ topology, folder, marker, distribution, jvmOptions }: ClusterDescription, name: string): string[] {
  const paths = nodePaths(folder, name);
  const conf = join(folder, 'conf');
  const main =
    distribution.product === 'artemis'
      ? ['org.apache.activemq.artemis.boot.Artemis', 'run']
      : ['org.apache.activemq.console.Main', 'start', `xbean:file:${paths.configuration}`];
  return [
    nodeMarker(marker, name),
    '-Xms32m',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    // Otherwise a killed JVM leaves its performance counters in the temporary folder.
    '-XX:-UsePerfData',
    '-Djava.awt.headless=true',
    `-Djava.io.tmpdir=${paths.temporary}`,
    `-Djava.util.logging.config.file=${join(conf, 'logging.properties')}`,
    `-Dlog4j2.configurationFile=file:${join(conf, 'log4j2.properties')}`,
    `-Dlog4j.configuration=file:${join(conf, 'log4j.properties')}`,
    ...(distribution.product === 'artemis'
      ? [
          `-Dartemis.home=${distribution.home}`,
          `-Dartemis.instance=${paths.temporary}`,
          `-Dartemis.instance.etc=${artemisFolder(folder, name)}`,
          `-Ddata.dir=${join(folder, 'data')}`,
        ]
      : []),
    `-Dactivemq.home=${distribution.home}`,
    `-Dactivemq.base=${paths.temporary}`,
    `-Dactivemq.conf=${conf}`,
    `-Dactivemq.data=${join(folder, 'data')}`,
    ...(topology === 'replicated-leveldb' ? LEVELDB_OPTIONS : []),
    ...jvmOptions,
    '-cp',
    distribution.classPath,
    ...main,
  ];
}
