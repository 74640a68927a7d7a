import { join } from 'node:path';
import { none, type SourceRefusal } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { versionOf } from './home.js';
import { firstError } from './maven-output.js';

/** Fetches and unpacks the official distribution into `<work>/apache-activemq-<version>`; a refusal, or undefined when it is there and verified. */
export async function fetchDistribution(
  environment: ProvisionEnvironment,
  work: string,
  version: string,
): Promise<SourceRefusal | undefined> {
  const copied = await copy(environment, work, version, 'tar.gz', ['--strict-checksums']);
  const archive = join(work, `apache-activemq-${version}-bin.tar.gz`);
  if (copied !== undefined || !(await environment.exists(archive))) {
    const cure = `choose a version the repository has, or unpack apache-activemq-${version}-bin.tar.gz by hand and set ACTIVEMQ_HOME`;
    return none(`the distribution: ${copied ?? 'no file arrived'}`, cure);
  }
  const verified = await verify(environment, work, version, archive);
  if (verified !== undefined) {
    const cure = `remove org/apache/activemq/apache-activemq/${version} from Maven's local repository and try again, or choose another version`;
    return none(`the distribution: ${verified}`, cure);
  }
  const tar = await environment.run('tar', ['-xzf', archive, '-C', work]);
  if (tar.code !== 0 || (await versionOf(environment, join(work, `apache-activemq-${version}`))) !== version) {
    return none(
      `the archive could not be unpacked: ${tar.stderr.trim() || 'no broker jar in it'}`,
      'install tar and gzip, look at free disk space',
    );
  }
  return undefined;
}

/** Compares with the strongest checksum the repository publishes; a text that says what is wrong, if anything is. */
async function verify(environment: ProvisionEnvironment, work: string, version: string, archive: string): Promise<string | undefined> {
  for (const algorithm of ['sha512', 'sha1'] as const) {
    const file = `${archive}.${algorithm}`;
    await copy(environment, work, version, `tar.gz.${algorithm}`);
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
  version: string,
  type: string,
  options: readonly string[] = [],
): Promise<string | undefined> {
  const artifact = `org.apache.activemq:apache-activemq:${version}:${type}:bin`;
  const args = ['-B', '-q', '-U', ...options, 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`];
  const { code, stdout, stderr } = await environment.run('mvn', args);
  return code === 0 ? undefined : firstError(`${stdout}\n${stderr}`);
}
