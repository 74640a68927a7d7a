import { describe, expect, it } from 'vitest';
import { fakeEnvironment } from './fake-environment.fixture.js';
import { provisionJdbcDriver } from './jdbc-driver.js';
import { provisionPostgresql } from './postgresql.js';

const server = (folder: string): Record<string, string> => ({ [`${folder}/postgres`]: '', [`${folder}/initdb`]: '' });
const JARS = { '/usr/share/java/postgresql.jar': '', '/usr/share/java/commons-dbcp2.jar': '', '/usr/share/java/commons-pool2.jar': '' };

describe('provisionPostgresql', () => {
  it('takes what is on the PATH, as this user', async () => {
    const environment = fakeEnvironment({ files: server('/opt/pg/bin'), variables: { PATH: 'relative:/bin:/opt/pg/bin' } });
    await expect(provisionPostgresql(environment)).resolves.toEqual({ programs: '/opt/pg/bin' });
  });

  it('installs the package as root, and runs it as postgres', async () => {
    const environment = fakeEnvironment({
      isRoot: true,
      program: (name, args, files) => {
        if (name === 'apt-get' && args[0] === 'install') {
          Object.keys(server('/usr/bin')).forEach((path) => files.set(path, ''));
        }
        return {};
      },
      variables: { PATH: '/usr/bin' },
    });
    await expect(provisionPostgresql(environment)).resolves.toEqual({ programs: '/usr/bin', user: 'postgres' });
    expect(environment.commands.some((command) => /^apt-get install .* postgresql$/.test(command))).toBe(true);
  });

  it.each([
    [false, undefined, /PostgreSQL is not installed, and there is no apt-get/],
    [false, {}, /PostgreSQL is not installed, and only root can install it; as root: apt-get install postgresql/],
    [true, {}, /apt-get did not bring PostgreSQL/],
  ])('says what to do (root: %s, apt-get: %j)', async (isRoot, answer, message) => {
    await expect(provisionPostgresql(fakeEnvironment({ isRoot, program: () => answer }))).rejects.toThrow(message);
  });

  it('does not run as root when there is nobody else', async () => {
    const environment = fakeEnvironment({ isRoot: true, files: server('/bin'), variables: { PATH: '/bin' } });
    await expect(provisionPostgresql(environment)).rejects.toMatchObject({
      code: 'NO_DATABASE',
      message: expect.stringContaining('useradd') as string,
    });
  });
});

describe('provisionJdbcDriver', () => {
  it('takes the packages when they are there', async () => {
    const environment = fakeEnvironment({ files: JARS });
    await expect(provisionJdbcDriver(environment)).resolves.toBe(Object.keys(JARS).join(':'));
    expect(environment.commands).toEqual([]);
  });

  it('installs them as root', async () => {
    const environment = fakeEnvironment({
      isRoot: true,
      program: (_, args, files) => {
        if (args[0] === 'install') {
          Object.keys(JARS).forEach((path) => files.set(path, ''));
        }
        return {};
      },
    });
    await expect(provisionJdbcDriver(environment)).resolves.toBe(Object.keys(JARS).join(':'));
  });

  it('has Maven fetch them otherwise, once', async () => {
    let pom: string | undefined;
    const environment = fakeEnvironment({
      program: (name, args, files) => {
        pom ??= files.get('/cache/work/pom.xml');
        const folder = args.find((arg) => arg.startsWith('-DoutputDirectory='))?.split('=')[1];
        return name === 'mvn' && folder ? (files.set(`${folder}/postgresql-42.jar`, ''), {}) : undefined;
      },
    });
    const classPath = await provisionJdbcDriver(environment);
    expect(classPath).toMatch(/^\/cache\/jdbc-postgresql-[\d.]+\/\*$/);
    expect(pom).toContain('<artifactId>commons-dbcp2</artifactId>');
    environment.commands.length = 0;
    await expect(provisionJdbcDriver(environment)).resolves.toBe(classPath);
    expect(environment.commands).toEqual(['apt-get --version']);
  });

  it('says what neither could do', async () => {
    await expect(provisionJdbcDriver(fakeEnvironment({}))).rejects.toThrow(
      /Debian: there is no apt-get.*Maven: Maven gave no reason.*install Maven/,
    );
  });
});
