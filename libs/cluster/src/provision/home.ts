import { delimiter, join } from 'node:path';
import { ClusterError } from '../errors.js';
import { type DistributionSource, none, type SourceAnswer } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { findJava, javaCure } from './java.js';

/** The unpacked official distribution that `ACTIVEMQ_HOME` names. Throws a ClusterError when the variable names something else. */
export async function fromHome(environment: ProvisionEnvironment, version?: string): Promise<SourceAnswer> {
  const home = environment.variables['ACTIVEMQ_HOME'];
  if (!home) {
    return none('ACTIVEMQ_HOME is not set', 'set ACTIVEMQ_HOME to the folder of an unpacked apache-activemq distribution');
  }
  const found = await versionOf(environment, home);
  if (found === undefined) {
    // The person asked for this broker: taking another one silently would surprise.
    throw new ClusterError(
      'NO_BROKER',
      `ACTIVEMQ_HOME=${home} holds no ActiveMQ (no lib/activemq-broker-<version>.jar); correct the variable or unset it`,
    );
  }
  if (version !== undefined && version !== found) {
    return none(`ACTIVEMQ_HOME=${home} holds ActiveMQ ${found}, asked for was ${version}`, `set ACTIVEMQ_HOME to an ActiveMQ ${version}`);
  }
  return unpacked(environment, home, found, 'ACTIVEMQ_HOME');
}

/** Tells the version of an ActiveMQ Classic. */
export const BROKER_JAR = /^activemq-broker-(\d[\w.-]*)\.jar$/;

/** The version of the unpacked distribution in a folder, by its broker jar. */
export async function versionOf(environment: ProvisionEnvironment, home: string): Promise<string | undefined> {
  const jars = await environment.list(join(home, 'lib'));
  return jars.map((name) => BROKER_JAR.exec(name)?.[1]).find((version) => version !== undefined);
}

/** An unpacked official distribution as something that can be started. */
export async function unpacked(
  environment: ProvisionEnvironment,
  home: string,
  version: string,
  source: DistributionSource,
): Promise<SourceAnswer> {
  const java = await findJava(environment, version);
  if (!java.found) {
    return none(java.why, javaCure(version));
  }
  const classPath = ['bin/activemq.jar', 'lib/*', 'lib/optional/*', 'lib/extra/*'].map((part) => join(home, part)).join(delimiter);
  return { found: true, distribution: { version, source, home, java: java.path, classPath } };
}
