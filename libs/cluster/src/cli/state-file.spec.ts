import { chmod, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterDescription } from '../cluster-description.js';
import { loadState, removeState, saveState, stateFilePath } from './state-file.js';

let cache: string;
let path: string;
let valid: ClusterDescription;

beforeEach(async () => {
  const temporary = await realpath(tmpdir());
  cache = await mkdtemp(join(temporary, 'state-file-spec-'));
  path = stateFilePath('default', cache);
  valid = {
    topology: 'shared-file',
    folder: join(temporary, 'nestjs-activemq-cluster-0123456789ab'),
    marker: '0123456789abcdef'.repeat(2),
    distribution: {
      version: '5.17.2',
      source: 'debian',
      home: '/usr/share/activemq',
      java: 'java',
      classPath: '/usr/share/activemq/lib/*',
    },
    jvmOptions: ['-Xmx512m'],
    startTimeout: 60_000,
    nodes: [{ name: 'broker1', ports: { stomp: 20_001, openwire: 20_002, nio: 20_003 } }],
    services: [
      { kind: 'database', name: 'database', ports: { postgresql: 20_004 }, programs: '/usr/lib/postgresql/15/bin', user: 'postgres' },
    ],
  };
  await saveState(path, valid);
});

afterEach(async () => {
  await rm(cache, { recursive: true });
});

describe('the state file', () => {
  it('gives back what was saved, and nothing once removed', async () => {
    await expect(loadState(path)).resolves.toEqual(valid);
    await removeState(path);
    await expect(loadState(path)).resolves.toBeUndefined();
    await removeState(path);
  });

  it('gives back where nodes with network namespaces of their own are', async () => {
    const host = '127.77.3.11';
    const partitionable = { ...valid, subnet: '127.77.3', nodes: valid.nodes.map((node) => ({ ...node, host })) };
    await removeState(path);
    await saveState(path, partitionable);
    await expect(loadState(path)).resolves.toEqual(partitionable);
  });

  it('is not replaced by a second cluster of the name, and leaves no draft', async () => {
    await expect(saveState(path, { ...valid, marker: 'f'.repeat(32) })).rejects.toMatchObject({ code: 'WRONG_STATE' });
    await expect(loadState(path)).resolves.toEqual(valid);
    await expect(readdir(join(cache, 'clusters'))).resolves.toEqual(['default.json']);
  });

  it('is not believed when others could have written it', async () => {
    await chmod(path, 0o666);
    await expect(loadState(path)).rejects.toThrow('others than you can write it');
  });

  it('is not read when it is huge', async () => {
    await writeFile(path, ' '.repeat(300_000));
    await expect(loadState(path)).rejects.toThrow('it has 300000 bytes');
  });

  it.each<[string, (state: Record<string, unknown>) => unknown]>([
    ['no JSON', () => undefined],
    ['a list', () => []],
    ['null', () => null],
    ['a folder outside', (state) => ({ ...state, folder: '/home' })],
    ['a folder outside that is named like one', (state) => ({ ...state, folder: '/home/nestjs-activemq-cluster-0123456789ab' })],
    ['the temporary folder itself', (state) => ({ ...state, folder: tmpdir() })],
    ['a folder by detour', (state) => ({ ...state, folder: `${String(state['folder'])}/../../home` })],
    ['a folder that only begins like one', (state) => ({ ...state, folder: `${String(state['folder'])}x` })],
    ['a marker that any process has', (state) => ({ ...state, marker: '' })],
    ['a marker that is a pattern', (state) => ({ ...state, marker: '.*' })],
    ['an unknown topology', (state) => ({ ...state, topology: 'constructor' })],
    ['no nodes', (state) => ({ ...state, nodes: [] })],
    ['nodes of one name', (state) => ({ ...state, nodes: [valid.nodes[0], valid.nodes[0]] })],
    ['a node that is a path', (state) => ({ ...state, nodes: [{ name: '../x', ports: { stomp: 2001, openwire: 2002 } }] })],
    ['a port that is none', (state) => ({ ...state, nodes: [{ name: 'broker1', ports: { stomp: -1, openwire: 2002 } }] })],
    ['a port too few', (state) => ({ ...state, nodes: [{ name: 'broker1', ports: { stomp: 2001 } }] })],
    ['a node elsewhere', (state) => ({ ...state, nodes: [{ ...valid.nodes[0], host: '10.0.0.1' }] })],
    ['a subnet that is a path', (state) => ({ ...state, subnet: '127.1.1/..' })],
    ['a relative program', (state) => ({ ...state, distribution: { ...valid.distribution, java: 'evil' } })],
    ['a JVM option that is a class', (state) => ({ ...state, jvmOptions: ['Evil'] })],
    ['a broker of another make', (state) => ({ ...state, distribution: { ...valid.distribution, product: 'kafka' } })],
    ['no distribution', (state) => ({ ...state, distribution: undefined })],
  ])('is refused with %s, and the file is named', async (_, spoil) => {
    const spoiled = spoil({ ...valid });
    await writeFile(path, spoiled === undefined ? '{' : JSON.stringify(spoiled));
    await expect(loadState(path)).rejects.toMatchObject({ code: 'BAD_STATE_FILE', message: expect.stringContaining(path) as string });
  });

  it('is not fooled by __proto__', async () => {
    await writeFile(path, `{"__proto__": ${JSON.stringify(valid)}}`);
    await expect(loadState(path)).rejects.toMatchObject({ code: 'BAD_STATE_FILE' });
  });
});
