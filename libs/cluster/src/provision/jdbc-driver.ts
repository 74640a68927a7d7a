import { delimiter, join } from 'node:path';
import { ClusterError } from '../errors.js';
import { aptGet, whyNoApt } from './apt.js';
import type { ProvisionEnvironment } from './environment.js';
import { copyDependencies, pomXml } from './maven-dependencies.js';

const DEBIAN = {
  'postgresql.jar': 'libpostgresql-jdbc-java',
  'commons-dbcp2.jar': 'libcommons-dbcp2-java',
  'commons-pool2.jar': 'libcommons-pool2-java',
};
const JARS = '/usr/share/java';
/** PostgreSQL's JDBC driver that is known to work. */
export const DRIVER = '42.7.3';
const POOL = '2.9.0';
const CURE = `as root: apt-get install ${Object.values(DEBIAN).join(' ')}; or install Maven`;

/**
 * Class path of PostgreSQL's JDBC driver and of a connection pool: Debian's packages, installed when this is root, else from Maven.
 * Throws a ClusterError `NO_DATABASE` that says what to install.
 */
export async function provisionJdbcDriver(environment: ProvisionEnvironment): Promise<string> {
  const why = (await missing(environment)) ? await install(environment) : undefined;
  if (why === undefined) {
    return Object.keys(DEBIAN)
      .map((jar) => join(JARS, jar))
      .join(delimiter);
  }
  const folder = join(environment.cacheFolder, `jdbc-postgresql-${DRIVER}`);
  if ((await environment.list(folder)).length > 0) {
    return join(folder, '*');
  }
  const work = await environment.makeWorkFolder();
  try {
    const jars = join(work, 'jars');
    const complaint = await copyDependencies(environment, jars, join(work, 'pom.xml'), pom());
    if (complaint !== undefined) {
      throw new ClusterError('NO_DATABASE', `there is no JDBC driver for PostgreSQL: Debian: ${why}; Maven: ${complaint}; ${CURE}`);
    }
    await environment.adopt(jars, folder);
    return join(folder, '*');
  } finally {
    await environment.remove(work);
  }
}

function pom(): string {
  return pomXml({ group: 'nestjs-activemq', version: '1' }, [
    { group: 'org.postgresql', artifact: 'postgresql', version: DRIVER },
    { group: 'org.apache.commons', artifact: 'commons-dbcp2', version: POOL },
  ]);
}

async function missing(environment: ProvisionEnvironment): Promise<boolean> {
  const present = new Set(await environment.list(JARS));
  return Object.keys(DEBIAN).some((jar) => !present.has(jar));
}

async function install(environment: ProvisionEnvironment): Promise<string | undefined> {
  const obstacle = await whyNoApt(environment);
  if (obstacle !== undefined) {
    return obstacle;
  }
  environment.progress("Installing Debian's packages of the JDBC driver with apt-get ...");
  const complaint = await aptGet(environment, Object.values(DEBIAN));
  return (await missing(environment)) ? (complaint ?? `${JARS} still lacks a jar`) : undefined;
}
