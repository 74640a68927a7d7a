import { join } from 'node:path';
import { none, type SourceAnswer } from './distribution.js';
import type { ProvisionEnvironment } from './environment.js';
import { unpacked, versionOf } from './home.js';

const REPOSITORY = 'apache/activemq-classic';
const IN_IMAGE = '/opt/apache-activemq';

/**
 * The last resort: the broker copied out of ActiveMQ's official image. It then runs as an ordinary process like any other (pids, signals and files
 * stay those of this machine), so a Java runtime is still needed here.
 */
export async function fromDocker(environment: ProvisionEnvironment, version?: string): Promise<SourceAnswer> {
  const engine = await environment.run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 30_000 });
  if (engine.code !== 0) {
    const why = engine.code === 127 ? 'there is no docker on the PATH' : `no engine answers docker: ${lastLine(engine.stderr)}`;
    return none(why, 'install and start Docker');
  }
  const work = await environment.makeWorkFolder();
  try {
    environment.progress(`Copying ActiveMQ out of the Docker image ${REPOSITORY} ...`);
    const created = await environment.run('docker', ['create', `${REPOSITORY}:${version ?? 'latest'}`]);
    if (created.code !== 0) {
      return none(`docker create failed: ${lastLine(created.stderr)}`, `make the image ${REPOSITORY}:${version ?? 'latest'} available`);
    }
    const container = lastLine(created.stdout);
    const copied = await environment.run('docker', ['cp', `${container}:${IN_IMAGE}`, join(work, 'broker')]);
    await environment.run('docker', ['rm', container]);
    const found = await versionOf(environment, join(work, 'broker'));
    if (found === undefined) {
      return none(`${IN_IMAGE} could not be copied out of the image: ${lastLine(copied.stderr)}`, 'use another source');
    }
    const home = join(environment.cacheFolder, `docker-activemq-${found}`);
    await environment.adopt(join(work, 'broker'), home);
    return await unpacked(environment, home, found, 'docker');
  } finally {
    await environment.remove(work);
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
