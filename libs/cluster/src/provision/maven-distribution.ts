import { join } from 'node:path';
import { none, type SourceRefusal } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { BROKER_JAR } from './home.js';
import { firstError } from './maven-output.js';

/** A distribution: its artifact, and the jar in its `lib` that tells its version. */
export interface Distribution {
  readonly artifact: string;
  readonly jar: RegExp;
}

const CLASSIC: Distribution = { artifact: 'apache-activemq', jar: BROKER_JAR };

/** Fetches and unpacks the official distribution into `<work>/<artifact>-<version>`; a refusal, or undefined when it is there and verified. */
export async function fetchDistribution(
  environment: ProvisionEnvironment,
  work: string,
  version: string,
  { artifact, jar }: Distribution = CLASSIC,
): Promise<SourceRefusal | undefined> {
  const copied = await copy(environment, work, [artifact, version, 'tar.gz'], ['--strict-checksums']);
  const archive = join(work, `${artifact}-${version}-bin.tar.gz`);
  if (copied !== undefined || !(await environment.exists(archive))) {
    const cure = `choose a version the repository has, or unpack ${artifact}-${version}-bin.tar.gz by hand and set ${artifact === CLASSIC.artifact ? 'ACTIVEMQ' : 'ARTEMIS'}_HOME`;
    return none(`the distribution: ${copied ?? 'no file arrived'}`, cure);
  }
  const verified = await verify(environment, work, [artifact, version], archive);
  if (verified !== undefined) {
    const cure = `remove org/apache/activemq/${artifact}/${version} from Maven's local repository and try again, or choose another version`;
    return none(`the distribution: ${verified}`, cure);
  }
  const tar = await environment.run('tar', ['-xzf', archive, '-C', work]);
  const jars = await environment.list(join(work, `${artifact}-${version}`, 'lib'));
  if (tar.code !== 0 || !jars.some((name) => jar.exec(name)?.[1] === version)) {
    return none(
      `the archive could not be unpacked: ${tar.stderr.trim() || 'no broker jar in it'}`,
      'install tar and gzip, look at free disk space',
    );
  }
  return undefined;
}

/** Compares with the strongest checksum the repository publishes; a text that says what is wrong, if anything is. */
async function verify(
  environment: ProvisionEnvironment,
  work: string,
  [artifact, version]: readonly [artifact: string, version: string],
  archive: string,
): Promise<string | undefined> {
  for (const algorithm of ['sha512', 'sha1'] as const) {
    const file = `${archive}.${algorithm}`;
    await copy(environment, work, [artifact, version, `tar.gz.${algorithm}`]);
    if (await environment.exists(file)) {
      const published = /[0-9a-f]{40,128}/i.exec(await environment.readText(file))?.[0]?.toLowerCase();
      const actual = await environment.digest(archive, algorithm);
      return published === actual ? undefined : `the archive's ${algorithm} is ${actual}, the repository publishes ${published ?? 'none'}`;
    }
  }
  return 'the repository publishes no checksum for it';
}

async function copy(
  environment: ProvisionEnvironment,
  work: string,
  [artifact, version, type]: readonly [artifact: string, version: string, type: string],
  options: readonly string[] = [],
): Promise<string | undefined> {
  const coordinates = `org.apache.activemq:${artifact}:${version}:${type}:bin`;
  const args = ['-B', '-q', '-U', ...options, 'dependency:copy', `-Dartifact=${coordinates}`, `-DoutputDirectory=${work}`];
  const { code, stdout, stderr } = await environment.run('mvn', args);
  return code === 0 ? undefined : firstError(`${stdout}\n${stderr}`);
}
