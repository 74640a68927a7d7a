import { delimiter, join } from 'node:path';
import { aptGet, whyNoApt } from './apt.js';
import { none, type SourceAnswer } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { findJava, javaCure } from './java.js';

const HOME = '/usr/share/activemq';
const JARS = '/usr/share/java';

/** The package's own lib folder cannot start an XML configuration: these are what it lacks. */
const REQUIRED = [
  'activemq-spring.jar',
  'spring3-aop.jar',
  'spring3-beans.jar',
  'spring3-context.jar',
  'spring3-core.jar',
  'spring3-expression.jar',
  'xbean-spring.jar',
  'commons-logging.jar',
  'slf4j-jdk14.jar',
];

/** Taken when they are there: message transformation (xstream, jettison, xpp3) and discovery (jmdns); without xstream a `transformation` header kills the connection. */
const WELCOME = ['xstream.jar', 'xpp3.jar', 'jettison.jar', 'jmdns.jar', 'httpclient.jar', 'httpcore.jar'];

const PACKAGES = [
  'activemq',
  'libspring-context-java',
  'libxbean-java',
  'libslf4j-java',
  'libxstream-java',
  'libxpp3-java',
  'libjettison-java',
  'libjmdns-java',
];
/** Decides which Java will do before the package is there to say its version. */
const OLDEST_PACKAGED = '5.17.2';
const CURE = `as root: apt-get install ${PACKAGES.join(' ')} default-jre-headless`;

/** The Debian (or Ubuntu) package, installed with apt-get when this is root and apt-get is there. */
export async function fromDebian(environment: ProvisionEnvironment, version?: string): Promise<SourceAnswer> {
  if ((await missing(environment)).length > 0) {
    const refusal = await install(environment);
    if (refusal !== undefined) {
      return none(refusal, CURE);
    }
  }
  const found = await packagedVersion(environment);
  if (found === undefined) {
    return none(
      `the package is installed, but ${JARS} has no activemq-broker-<version>.jar`,
      'apt-get install --reinstall libactivemq-java',
    );
  }
  if (version !== undefined && version !== found) {
    return none(`the Debian package is ActiveMQ ${found}, asked for was ${version}`, 'ask for no version to take the package');
  }
  let java = await findJava(environment, found);
  if (!java.found && environment.isRoot) {
    await aptGet(environment, ['default-jre-headless']);
    java = await findJava(environment, found);
  }
  if (!java.found) {
    return none(java.why, javaCure(found));
  }
  const present = new Set(await environment.list(JARS));
  const extra = [...REQUIRED, ...WELCOME.filter((jar) => present.has(jar))];
  const classPath = [join(HOME, 'lib/*'), ...extra.map((jar) => join(JARS, jar))].join(delimiter);
  return { found: true, distribution: { version: found, source: 'debian', home: HOME, java: java.path, classPath } };
}

async function missing(environment: ProvisionEnvironment): Promise<string[]> {
  const present = new Set(await environment.list(JARS));
  const jars = REQUIRED.filter((jar) => !present.has(jar));
  return (await environment.exists(join(HOME, 'lib/activemq-broker.jar'))) ? jars : ['activemq', ...jars];
}

async function packagedVersion(environment: ProvisionEnvironment): Promise<string | undefined> {
  const jars = await environment.list(JARS);
  return jars.map((name) => /^activemq-broker-(\d[\w.-]*)\.jar$/.exec(name)?.[1]).find((version) => version !== undefined);
}

/** Installs the package; a text that says why when that was not possible. */
async function install(environment: ProvisionEnvironment): Promise<string | undefined> {
  const obstacle = await whyNoApt(environment);
  if (obstacle !== undefined) {
    return `the package is not installed, and ${obstacle}`;
  }
  environment.progress('Installing the Debian package activemq with apt-get ...');
  const java = await findJava(environment, OLDEST_PACKAGED);
  const error = await aptGet(environment, java.found ? PACKAGES : [...PACKAGES, 'default-jre-headless']);
  const still = await missing(environment);
  return still.length === 0 ? undefined : `apt-get did not bring ${still.join(', ')}${error ? `: ${error}` : ''}`;
}
