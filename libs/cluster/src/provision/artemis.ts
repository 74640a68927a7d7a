import { join } from 'node:path';
import { ClusterError } from '../errors.js';
import type { BrokerDistribution, DistributionSource } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { findJava, javaCure } from './java.js';
import { fetchDistribution } from './maven-distribution.js';

/** What was tried. */
const VERSION = '2.40.0';

/** The Artemis distribution's own name and what has to be in it. */
const ARTEMIS = { artifact: 'apache-artemis', jar: /^artemis-server-(\d[\w.-]*)\.jar$/ };

/**
 * Finds ActiveMQ Artemis: `ARTEMIS_HOME`, else the distribution that Maven fetches once into the cache folder, verified. Throws a ClusterError
 * `NO_BROKER` that says why there is none, and what would help.
 */
export async function provisionArtemis(environment: ProvisionEnvironment, asked = VERSION): Promise<BrokerDistribution> {
  const own = environment.variables['ARTEMIS_HOME'];
  if (own) {
    const version = await artemisIn(environment, own);
    if (version === undefined) {
      throw new ClusterError(
        'NO_BROKER',
        `ARTEMIS_HOME=${own} holds no Artemis (no lib/artemis-server-<version>.jar); correct or unset it`,
      );
    }
    return distribution(environment, own, version, 'ACTIVEMQ_HOME');
  }
  if (!/^\d{1,3}(\.\d{1,4}){1,3}$/.test(asked)) {
    throw new ClusterError('BAD_OPTION', `'${asked}' is not an Artemis version; write one like ${VERSION}`);
  }
  const home = join(environment.cacheFolder, `apache-artemis-${asked}`);
  if ((await artemisIn(environment, home)) !== asked) {
    await fetch(environment, home, asked);
  }
  return distribution(environment, home, asked, 'maven');
}

async function fetch(environment: ProvisionEnvironment, home: string, version: string): Promise<void> {
  environment.progress(`Fetching Artemis ${version} with Maven ...`);
  const work = await environment.makeWorkFolder();
  try {
    const refusal = await fetchDistribution(environment, work, version, ARTEMIS);
    if (refusal) {
      throw new ClusterError(
        'NO_BROKER',
        `no Artemis ${version} to start: ${refusal.why}; install Maven, or unpack one and set ARTEMIS_HOME`,
      );
    }
    await environment.adopt(join(work, `apache-artemis-${version}`), home);
  } finally {
    await environment.remove(work);
  }
}

async function distribution(
  environment: ProvisionEnvironment,
  home: string,
  version: string,
  source: DistributionSource,
): Promise<BrokerDistribution> {
  // Artemis 2.40 needs Java 17, as ActiveMQ 6 does.
  const java = await findJava(environment, '6.0.0');
  if (!java.found) {
    throw new ClusterError('NO_BROKER', `no Artemis to start: ${java.why}; ${javaCure('6.0.0')}`);
  }
  return { product: 'artemis', version, source, home, java: java.path, classPath: join(home, 'lib', 'artemis-boot.jar') };
}

async function artemisIn(environment: ProvisionEnvironment, home: string): Promise<string | undefined> {
  const jars = await environment.list(join(home, 'lib'));
  return jars.map((name) => ARTEMIS.jar.exec(name)?.[1]).find((version) => version !== undefined);
}
