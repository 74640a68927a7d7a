import { join } from 'node:path';
import type { ClusterTopology } from './cluster-options.js';
import type { NodePorts } from './config/broker-options.js';
import type { BrokerDistribution } from './provision/distribution.js';

/** One node as it stays for the cluster's life, whether it runs or not. */
export interface NodeDescription {
  readonly name: string;
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

/** Arguments for `java` that start a node. */
export function javaArguments({ folder, marker, distribution, jvmOptions }: ClusterDescription, name: string): string[] {
  const paths = nodePaths(folder, name);
  const conf = join(folder, 'conf');
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
    `-Dactivemq.home=${distribution.home}`,
    `-Dactivemq.base=${paths.temporary}`,
    `-Dactivemq.conf=${conf}`,
    `-Dactivemq.data=${join(folder, 'data')}`,
    ...jvmOptions,
    '-cp',
    distribution.classPath,
    'org.apache.activemq.console.Main',
    'start',
    `xbean:file:${paths.configuration}`,
  ];
}
