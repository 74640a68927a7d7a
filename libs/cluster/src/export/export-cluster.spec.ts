import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ClusterTopology, TOPOLOGIES } from '../topologies.js';
import { exportCluster } from './export-cluster.js';

interface ComposeService {
  readonly image?: string;
  readonly build?: string;
  readonly hostname: string;
  readonly depends_on?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-spec-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const read = async (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
const compose = async (): Promise<{ services: Record<string, ComposeService>; volumes: Record<string, unknown> }> =>
  parse(await read('compose.yaml')) as { services: Record<string, ComposeService>; volumes: Record<string, unknown> };

describe('exportCluster', () => {
  it.each(TOPOLOGIES)('writes %s as a Compose file whose parts are all there', async (topology: ClusterTopology) => {
    const files = await exportCluster(folder, { topology });
    const { services, volumes } = await compose();
    const all = Object.entries(services);
    expect(all.every(([name, { hostname }]) => name === hostname)).toBe(true);
    for (const [, { image, build, depends_on: waits = [], volumes: mounts }] of all) {
      expect([image, build].filter((source) => source !== undefined)).toHaveLength(1);
      expect(build === undefined || files.includes(`${build.slice(2)}/Dockerfile`)).toBe(true);
      expect(waits.every((name) => Object.hasOwn(services, name))).toBe(true);
      for (const source of mounts.map((mount) => mount.split(':', 1)[0] ?? '')) {
        expect(source.startsWith('./') ? files.includes(source.slice(2)) : Object.hasOwn(volumes, source)).toBe(true);
      }
    }
    const published = all.flatMap(([, { ports = [] }]) => ports);
    expect(published.every((port) => /^127\.0\.0\.1:\d+:616(13|16)$/.test(port))).toBe(true);
    expect(new Set(published).size).toBe(published.length);
    // Whoever is named in a configuration is a service.
    const named = (await Promise.all(files.filter((name) => name.endsWith('.xml')).map(read))).flatMap((xml) => [
      ...xml.matchAll(/(?:\/\/|[",])((?:broker|zookeeper)\d|database):\d+/g),
    ]);
    expect(named.every(([, name = '']) => Object.hasOwn(services, name))).toBe(true);
  });

  it('shares a volume where brokers share a store, and only there', async () => {
    await exportCluster(folder, { topology: 'combined' });
    const { services } = await compose();
    const data = Object.values(services).map(({ volumes }) => volumes.find((volume) => volume.endsWith('/data')));
    expect(data[1]).toBe(data[2]);
    expect(data[0]).not.toBe(data[1]);
  });

  it('writes no secret but into a file that nobody else reads', async () => {
    const files = await exportCluster(folder, { topology: 'jdbc' });
    const password = (await read('.env')).trim().split('=')[1] ?? '';
    expect(password).toMatch(/^[\w-]{24}$/);
    expect(((await stat(join(folder, '.env'))).mode & 0o077).toString(8)).toBe('0');
    const texts = await Promise.all(files.filter((name) => name !== '.env').map(read));
    expect(texts.some((text) => text.includes(password))).toBe(false);
    expect(await read('broker1/activemq.xml')).toContain('value="${ACTIVEMQ_DB_PASSWORD}"');
  });

  it('gives ZooKeepers one list of servers and a number each', async () => {
    await exportCluster(folder, { topology: 'replicated-leveldb' });
    const { services } = await compose();
    expect(services['zookeeper2']?.environment).toEqual({ ZOO_MY_ID: 2 });
    expect(await read('zookeeper2/zoo.cfg')).toMatch(
      /server\.1=zookeeper1:2881:3881\nserver\.2=zookeeper2:2881:3881\nserver\.3=zookeeper3/,
    );
    expect(await read('broker3/activemq.xml')).toMatch(/bind="tcp:\/\/0\.0\.0\.0:63631" hostname="broker3"/);
  });

  it('takes what the brokers are', async () => {
    await exportCluster(folder, { topology: 'shared-file', nodes: 3, version: '6.1.8', broker: { policyEntries: [{ queue: 'orders' }] } });
    expect(Object.keys((await compose()).services)).toEqual(['broker1', 'broker2', 'broker3']);
    expect((await compose()).services['broker3']?.image).toBe('apache/activemq-classic:6.1.8');
    expect(await read('broker3/activemq.xml')).toContain('<policyEntry queue="orders"/>');
  });

  it('writes into no folder that has something in it, and nothing for options that make no sense', async () => {
    await expect(exportCluster(folder, { topology: 'replicated-leveldb', version: '5.18.3' })).rejects.toThrow('5.9 to 5.16 have');
    await expect(exportCluster(folder, { topology: 'single', version: 'latest' })).rejects.toThrow("'latest' is not an ActiveMQ version");
    expect(await readdir(folder)).toEqual([]);
    await writeFile(join(folder, 'mine'), '');
    await expect(exportCluster(folder, { topology: 'single' })).rejects.toMatchObject({ code: 'BAD_OPTION' });
    expect(await readdir(folder)).toEqual(['mine']);
  });
});
