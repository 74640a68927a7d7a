import { join } from 'node:path';
import { none, type SourceAnswer } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { unpacked, versionOf } from './home.js';
import { fetchComponents } from './maven-components.js';
import { fetchDistribution } from './maven-distribution.js';

const INSTALL_MAVEN = 'install Maven (Debian, Ubuntu: apt-get install maven)';

/**
 * A given version, fetched by Maven once, verified against the repository's checksums, kept in the cache folder: the official
 * distribution, else the jars it is made of.
 */
export async function fromMaven(environment: ProvisionEnvironment, version?: string): Promise<SourceAnswer> {
  if (version === undefined) {
    return none('no version was asked for', 'ask for one: --version 5.18.3, or ACTIVEMQ_VERSION=5.18.3');
  }
  const distribution = join(environment.cacheFolder, `apache-activemq-${version}`);
  const components = join(environment.cacheFolder, `activemq-jars-${version}`);
  for (const home of [distribution, components]) {
    if ((await versionOf(environment, home)) === version) {
      return unpacked(environment, home, version, 'maven');
    }
  }
  if ((await environment.run('mvn', ['--version'], { timeout: 60_000 })).code !== 0) {
    return none('there is no working mvn on the PATH', INSTALL_MAVEN);
  }
  environment.progress(`Fetching ActiveMQ ${version} with Maven ...`);
  const work = await environment.makeWorkFolder();
  try {
    const refusal = await fetchDistribution(environment, work, version);
    if (!refusal) {
      await environment.adopt(join(work, `apache-activemq-${version}`), distribution);
      return await unpacked(environment, distribution, version, 'maven');
    }
    environment.progress(`Fetching the jars of ActiveMQ ${version} one by one, as Maven has no distribution of it ...`);
    const jars = join(work, 'jars');
    const second = await fetchComponents(environment, jars, version);
    if (second) {
      return none(`${refusal.why}; ${second.why}`, second.cure);
    }
    await environment.adopt(jars, components);
    return await unpacked(environment, components, version, 'maven');
  } finally {
    await environment.remove(work);
  }
}
