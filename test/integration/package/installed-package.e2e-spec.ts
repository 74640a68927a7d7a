import { type Cluster, startCluster } from 'activemq-cluster';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const library = path.join(root, 'libs/activemq');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
/** Environment without what npm and vitest set for their own children. */
const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

let cluster: Cluster;
let folder: string;
let tarball: string;

beforeAll(async () => {
  cluster = await startCluster({ topology: 'single' });
  folder = await mkdtemp(path.join(os.tmpdir(), 'nestjs-activemq-package-'));
  await run(process.execPath, [tsc, '-p', path.join(library, 'tsconfig.lib.json')], { cwd: root });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: library, env: environment });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  tarball = path.join(folder, packed.filename);
}, 120_000);

afterAll(async () => {
  await cluster?.down();
  if (folder) await rm(folder, { recursive: true, force: true });
});

it.each([
  { name: 'nest-12-esm', nest: '12.5.1', type: 'module', module: 'nodenext' },
  { name: 'nest-11-cjs', nest: '11.2.10', type: 'commonjs', module: 'nodenext' },
])(
  'works as installed from its tarball in $name: guards, redelivery, template',
  async ({ name, nest, type, module }) => {
    const app = path.join(folder, name);
    await run('mkdir', [app]);
    const dependencies = {
      '@nestjs/common': nest,
      '@nestjs/core': nest,
      'nestjs-activemq': `file:${tarball}`,
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
    };
    await writeFile(path.join(app, 'package.json'), JSON.stringify({ name, version: '1.0.0', private: true, type, dependencies }));
    const compilerOptions = {
      target: 'es2022',
      module,
      strict: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [path.join(root, 'node_modules/@types')],
    };
    await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    const source = await readFile(new URL('application.source.ts.txt', import.meta.url), 'utf8');
    await writeFile(path.join(app, 'main.ts'), source);

    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: app, env: environment });
    await run(process.execPath, [tsc, '-p', app], { cwd: app });
    const { stdout } = await run(process.execPath, ['main.js'], {
      cwd: app,
      env: { ...environment, BROKER_URL: cluster.brokerUrl },
      timeout: 60_000,
    });
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual([{ order: { id: 7 }, region: 'EU' }]);
  },
  180_000,
);
