import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemEnvironment, userCacheFolder } from './environment.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'environment-spec-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('userCacheFolder', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/c' }, '/c/nestjs-activemq'],
    [{ XDG_CACHE_HOME: '' }, join(homedir(), '.cache/nestjs-activemq')],
    [{ XDG_CACHE_HOME: 'relative' }, join(homedir(), '.cache/nestjs-activemq')],
    [{}, join(homedir(), '.cache/nestjs-activemq')],
  ])('follows %j', (variables, expected) => {
    expect(userCacheFolder(variables)).toBe(expected);
  });
});

describe('this machine as an environment', () => {
  it('tells how a program ended, also when there is none or it takes too long', async () => {
    const environment = systemEnvironment();
    await expect(environment.run('sh', ['-c', 'echo "$WORD"; echo e >&2; exit 3'], { variables: { WORD: 'hi' } })).resolves.toEqual({
      code: 3,
      stdout: 'hi\n',
      stderr: 'e\n',
    });
    await expect(environment.run('true', [])).resolves.toMatchObject({ code: 0 });
    await expect(environment.run('no-such-program-anywhere', [])).resolves.toMatchObject({ code: 127 });
    const late = await environment.run('sleep', ['60'], { timeout: 50 });
    expect(late.code).toBe(1);
    expect(late.stderr).toContain('ended after 50 ms');
  });

  it('reads, lists and digests', async () => {
    const environment = systemEnvironment();
    const file = join(folder, 'abc');
    await writeFile(file, 'abc');
    await expect(environment.exists(file)).resolves.toBe(true);
    await expect(environment.exists(`${file}d`)).resolves.toBe(false);
    await expect(environment.list(folder)).resolves.toEqual(['abc']);
    await expect(environment.list(join(folder, 'none'))).resolves.toEqual([]);
    await expect(environment.readText(file)).resolves.toBe('abc');
    await expect(environment.digest(file, 'sha1')).resolves.toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  });

  it('puts a finished folder in place once: the first of two that do the same stays', async () => {
    const environment = systemEnvironment();
    const target = join(environment.cacheFolder, 'apache-activemq-1.2.3');
    for (const content of ['first', 'second']) {
      const work = await environment.makeWorkFolder();
      await writeFile(join(work, 'file'), content);
      await environment.adopt(work, target);
    }
    await expect(readFile(join(target, 'file'), 'utf8')).resolves.toBe('first');
    await expect(readdir(environment.cacheFolder)).resolves.toEqual(['apache-activemq-1.2.3']);
    await environment.remove(target);
    await expect(readdir(environment.cacheFolder)).resolves.toEqual([]);
  });
});
