import { ClusterError } from '../errors.js';
import { fromDebian } from './debian.js';
import type { BrokerDistribution, DistributionSource, SourceAnswer } from './distribution.js';
import { fromDocker } from './docker.js';
import { type ProvisionEnvironment, systemEnvironment } from './environment.js';
import { fromHome } from './home.js';
import { fromMaven } from './maven.js';

/** What to provision. */
export interface ProvisionOptions {
  /** Exact version such as `5.18.3`; default `ACTIVEMQ_VERSION`, else whatever the first source has. */
  readonly version?: string;
  /** Told one line per step that takes time; default: nobody is told. */
  readonly progress?: (line: string) => void;
}

const SOURCES: readonly (readonly [DistributionSource, (environment: ProvisionEnvironment, version?: string) => Promise<SourceAnswer>])[] =
  [
    ['ACTIVEMQ_HOME', fromHome],
    ['maven', fromMaven],
    ['debian', fromDebian],
    ['docker', fromDocker],
  ];

/**
 * Finds or installs an ActiveMQ: `ACTIVEMQ_HOME`, Maven (only for a version asked for), the Debian package, Docker, in this order.
 * Throws a ClusterError `NO_BROKER` that lists every source, why it failed and what would help.
 */
export async function provisionBroker(options: ProvisionOptions = {}): Promise<BrokerDistribution> {
  return provisionFrom(systemEnvironment(options.progress), options.version);
}

/** The same on a given environment. */
export async function provisionFrom(environment: ProvisionEnvironment, asked?: string): Promise<BrokerDistribution> {
  const version = asked ?? (environment.variables['ACTIVEMQ_VERSION'] || undefined);
  // It becomes part of a path and of a Maven coordinate.
  if (version !== undefined && !/^\d{1,3}(\.\d{1,4}){1,3}(-[A-Za-z0-9.]{1,32})?$/.test(version)) {
    throw new ClusterError('BAD_OPTION', `'${version}' is not an ActiveMQ version; write one like 5.18.3`);
  }
  const failures: string[] = [];
  for (const [name, source] of SOURCES) {
    const answer = await source(environment, version);
    if (answer.found) {
      return answer.distribution;
    }
    failures.push(`  ${name}: ${answer.why}\n      cure: ${answer.cure}`);
  }
  throw new ClusterError(
    'NO_BROKER',
    `no ActiveMQ${version ? ` ${version}` : ''} to start; one of these is enough:\n${failures.join('\n')}`,
  );
}
