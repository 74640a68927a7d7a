import { describe, expect, it } from 'vitest';
import { type FakeMachine, fakeEnvironment } from './fake-environment.fixture.js';
import { provisionFrom } from './provision.js';

const JAVA_17 = { stderr: 'openjdk version "17.0.15" 2025-04-15' };
const DEBIAN_JARS = [
  'activemq-broker-5.17.2',
  'activemq-spring',
  ...['aop', 'beans', 'context', 'core', 'expression'].map((part) => `spring3-${part}`),
  'xbean-spring',
  'commons-logging',
  'slf4j-jdk14',
];
const DEBIAN_FILES = {
  '/usr/share/activemq/lib/activemq-broker.jar': '',
  ...Object.fromEntries(DEBIAN_JARS.map((jar) => [`/usr/share/java/${jar}.jar`, ''])),
};

const onlyJava: FakeMachine['program'] = (name) => (name === 'java' ? JAVA_17 : undefined);

/** A repository that has 5.18.3; `sha1` is the checksum it publishes. */
function maven(sha1: string | undefined): FakeMachine['program'] {
  return (name, args, files) => {
    const artifact = args.find((arg) => arg.startsWith('-Dartifact='))?.split(':') ?? [];
    const archive = `/cache/work/apache-activemq-5.18.3-bin.tar.gz`;
    if (name === 'mvn' && artifact[2] === '5.18.3' && artifact[3] === 'tar.gz') {
      files.set(archive, '').set(`${archive}!sha1`, 'a'.repeat(40));
    } else if (name === 'mvn' && artifact[3] === 'tar.gz.sha1' && sha1 !== undefined) {
      files.set(`${archive}.sha1`, `${sha1}  apache-activemq-5.18.3-bin.tar.gz\n`);
    } else if (name === 'mvn' && artifact.length > 0) {
      return { code: 1, stdout: '[ERROR] Failed to execute goal a:b:copy (default-cli) on project p: Could not find artifact' };
    } else if (name === 'tar') {
      files.set('/cache/work/apache-activemq-5.18.3/lib/activemq-broker-5.18.3.jar', '');
    }
    return name === 'java' ? JAVA_17 : name === 'docker' || name === 'apt-get' ? undefined : {};
  };
}

describe('provisionFrom', () => {
  it('takes ACTIVEMQ_HOME before all others', async () => {
    const environment = fakeEnvironment({
      variables: { ACTIVEMQ_HOME: '/opt/mq' },
      files: { '/opt/mq/lib/activemq-broker-6.1.2.jar': '', ...DEBIAN_FILES },
      program: onlyJava,
    });
    await expect(provisionFrom(environment)).resolves.toMatchObject({ source: 'ACTIVEMQ_HOME', version: '6.1.2', home: '/opt/mq' });
  });

  it('does not go past an ACTIVEMQ_HOME that holds something else', async () => {
    const environment = fakeEnvironment({ variables: { ACTIVEMQ_HOME: '/nowhere' }, files: DEBIAN_FILES, program: onlyJava });
    await expect(provisionFrom(environment)).rejects.toThrow('ACTIVEMQ_HOME=/nowhere holds no ActiveMQ');
  });

  it('takes the installed Debian package without asking Maven, apt-get or Docker', async () => {
    const environment = fakeEnvironment({ files: DEBIAN_FILES, program: onlyJava });
    const found = await provisionFrom(environment);
    expect(found).toMatchObject({ source: 'debian', version: '5.17.2', java: 'java' });
    expect(found.classPath).toContain('/usr/share/java/spring3-core.jar');
    expect(found.classPath).not.toContain('xstream');
    expect(environment.commands).toEqual(['java -version']);
  });

  it('installs the Debian package, and Java, as root', async () => {
    const installed = new Set<string>();
    const environment = fakeEnvironment({
      isRoot: true,
      program: (name, args, files) => {
        if (name === 'apt-get' && args[0] === 'install') {
          args.forEach((arg) => installed.add(arg));
          Object.entries(DEBIAN_FILES).forEach(([path, content]) => files.set(path, content));
          files.set('/usr/share/java/xstream.jar', '');
        }
        return name === 'apt-get' ? {} : name === 'java' && installed.has('default-jre-headless') ? JAVA_17 : undefined;
      },
    });
    const found = await provisionFrom(environment);
    expect(found.source).toBe('debian');
    expect(found.classPath).toContain('/usr/share/java/xstream.jar');
    expect(installed).toContain('activemq');
    expect(installed).toContain('libxstream-java');
  });

  it('does not try to install as somebody else, and says what root would do', async () => {
    const environment = fakeEnvironment({ program: (name) => (name === 'apt-get' ? {} : undefined) });
    await expect(provisionFrom(environment)).rejects.toThrow(
      /debian: .*only root can install it\n.*cure: as root: apt-get install activemq /,
    );
    expect(environment.commands.filter((command) => command.includes('install'))).toEqual([]);
  });

  it('refreshes the package list once when the first install fails', async () => {
    const environment = fakeEnvironment({
      isRoot: true,
      program: (name, args) =>
        name === 'apt-get' ? (args[0] === 'install' ? { code: 100, stderr: 'E: Unable to locate package' } : {}) : undefined,
    });
    await expect(provisionFrom(environment)).rejects.toThrow('Unable to locate package');
    const kinds = environment.commands.filter((command) => command.startsWith('apt-get')).map((command) => command.split(' ')[1]);
    expect(kinds).toEqual(['--version', 'install', 'update', 'install']);
  });

  it('fetches the version asked for with Maven when the checksum is right, and keeps it', async () => {
    const environment = fakeEnvironment({ files: DEBIAN_FILES, program: maven('A'.repeat(40)) });
    await expect(provisionFrom(environment, '5.18.3')).resolves.toMatchObject({
      source: 'maven',
      version: '5.18.3',
      home: '/cache/apache-activemq-5.18.3',
    });
    environment.commands.length = 0;
    await provisionFrom(environment, '5.18.3');
    expect(environment.commands).toEqual(['java -version']);
  });

  it.each([
    ['of other content', 'b'.repeat(40), /archive's sha1 is a{40}, the repository publishes b{40}/],
    ['without a checksum', undefined, /publishes no checksum/],
  ])('refuses an archive %s', async (_, sha1, message) => {
    const environment = fakeEnvironment({ program: maven(sha1) });
    await expect(provisionFrom(environment, '5.18.3')).rejects.toThrow(message);
    expect([...environment.files.keys()]).toEqual([]);
  });

  it.each([
    ['5.16.7', true],
    ['6.1.8', false],
  ])('puts %s together from its jars when there is no distribution of it', async (version, levelDb) => {
    const environment = fakeEnvironment({
      program: (name, args, files) => {
        const output = args.find((arg) => arg.startsWith('-DoutputDirectory='))?.split('=')[1];
        if (name === 'mvn' && args.includes('dependency:copy-dependencies')) {
          files.set(`${output}/activemq-broker-${version}.jar`, '');
          return {};
        }
        return name === 'java' ? JAVA_17 : name === 'mvn' && output === undefined ? {} : { code: 1, stdout: '[ERROR] not there' };
      },
    });
    await expect(provisionFrom(environment, version)).resolves.toMatchObject({ source: 'maven', home: `/cache/activemq-jars-${version}` });
    expect(environment.commands.at(-2)).toMatch(/^mvn .*--strict-checksums .*dependency:copy-dependencies /);
    const pom = environment.files.get(`/cache/activemq-jars-${version}/pom.xml`) ?? '';
    expect(pom).toMatch(new RegExp(`<artifactId>activemq-parent</artifactId>\\s*<version>${version}</version>`));
    expect(pom.includes('activemq-leveldb-store')).toBe(levelDb);
    environment.commands.length = 0;
    await provisionFrom(environment, version);
    expect(environment.commands).toEqual(['java -version']);
  });

  it('says what neither the distribution nor the jars could do', async () => {
    const environment = fakeEnvironment({ program: maven(undefined) });
    await expect(provisionFrom(environment, '5.19.9')).rejects.toThrow(
      /maven: the distribution: Could not find artifact; its jars one by one: Maven brought no broker/,
    );
  });

  it('takes the version from ACTIVEMQ_VERSION', async () => {
    const environment = fakeEnvironment({ variables: { ACTIVEMQ_VERSION: '5.18.3' }, program: maven('a'.repeat(40)) });
    await expect(provisionFrom(environment)).resolves.toMatchObject({ source: 'maven' });
  });

  it.each(['../../etc', '5', '5.18.3/..', '-Dx', '5.18.3 -o'])('refuses the version %j', async (version) => {
    const environment = fakeEnvironment({ program: onlyJava });
    await expect(provisionFrom(environment, version)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    expect(environment.commands).toEqual([]);
  });

  it('copies the broker out of the Docker image when nothing else is there', async () => {
    const environment = fakeEnvironment({
      program: (name, args, files) => {
        if (name === 'docker' && args[0] === 'cp') {
          files.set('/cache/work/broker/lib/activemq-broker-6.1.2.jar', '');
        }
        return name === 'java' ? JAVA_17 : name === 'docker' ? { stdout: 'container1\n' } : undefined;
      },
    });
    await expect(provisionFrom(environment)).resolves.toMatchObject({
      source: 'docker',
      version: '6.1.2',
      home: '/cache/docker-activemq-6.1.2',
    });
    expect(environment.commands).toContain('docker rm container1');
  });

  it('lists every source, why it failed and what would help', async () => {
    const failure = await provisionFrom(fakeEnvironment({})).then(
      () => 'none',
      (error: unknown) => (error instanceof Error ? error.message : 'no Error'),
    );
    expect(failure).toMatch(/ACTIVEMQ_HOME: .*not set[^]*maven: no version[^]*debian: .*no apt-get[^]*docker: there is no docker/);
    expect(failure.match(/cure: /g)).toHaveLength(4);
  });

  it.each([
    ['1.8.0_392', '5.17.2', /is Java 8, ActiveMQ 5.17.2 needs 11/],
    ['11.0.2', '6.1.2', /is Java 11, ActiveMQ 6.1.2 needs 17/],
  ])('does not start with Java %s what needs a newer one', async (java, version, message) => {
    const environment = fakeEnvironment({
      variables: { ACTIVEMQ_HOME: '/opt/mq' },
      files: { [`/opt/mq/lib/activemq-broker-${version}.jar`]: '' },
      program: (name) => (name === 'java' ? { stderr: `openjdk version "${java}"` } : undefined),
    });
    await expect(provisionFrom(environment)).rejects.toThrow(message);
  });

  it('prefers JAVA_HOME', async () => {
    const environment = fakeEnvironment({
      variables: { JAVA_HOME: '/jdk' },
      files: DEBIAN_FILES,
      program: (name) => (name === '/jdk/bin/java' ? JAVA_17 : undefined),
    });
    await expect(provisionFrom(environment)).resolves.toMatchObject({ java: '/jdk/bin/java' });
  });
});
