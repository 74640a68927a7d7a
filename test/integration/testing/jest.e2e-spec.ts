import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

let folder: string;
let tarball: string;
let page: string;

beforeAll(async () => {
  page = await readFile(path.join(root, 'docs/testing.md'), 'utf8');
  folder = await mkdtemp(path.join(os.tmpdir(), 'nestjs-activemq-jest-'));
  await run(process.execPath, [tsc, '-p', path.join(library, 'tsconfig.lib.json')], { cwd: root });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: library, env: environment });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  tarball = path.join(folder, packed.filename);
}, 120_000);

afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The code blocks of the documentation in one language, in order. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code ?? '');
}

it.each([
  { name: 'nest-12-esm', nest: '12.5.1', nestTesting: '12.1.1', type: 'module', config: 0, node: ['--experimental-vm-modules'] },
  { name: 'nest-11-cjs', nest: '11.2.10', nestTesting: '11.2.6', type: 'commonjs', config: 1, node: [] },
])(
  'the test and the configuration of docs/testing.md pass under Jest as $name, installed from the tarball',
  async ({ name, nest, nestTesting, type, config, node }) => {
    const app = path.join(folder, name);
    await mkdir(app);
    const dependencies = {
      '@nestjs/common': nest,
      '@nestjs/core': nest,
      '@nestjs/testing': nestTesting,
      '@types/node': '20.19.43',
      jest: '30.5.2',
      'nestjs-activemq': `file:${tarball}`,
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
      'ts-jest': '29.4.15',
      typescript: '6.0.3',
    };
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      esModuleInterop: true,
      isolatedModules: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      skipLibCheck: true,
      allowJs: true,
      types: ['node'],
    };
    await writeFile(path.join(app, 'package.json'), JSON.stringify({ name, version: '1.0.0', private: true, type, dependencies }));
    await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['orders.test.ts'] }));
    await writeFile(path.join(app, 'jest.config.cjs'), blocks('js')[config] ?? '');
    await writeFile(path.join(app, 'orders.test.ts'), blocks('typescript')[0] ?? '');

    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: app, env: environment });
    await run(process.execPath, [tsc, '--noEmit', '-p', app], { cwd: app });
    const jest = [...node, path.join(app, 'node_modules/jest/bin/jest.js'), '--json', '--config', 'jest.config.cjs'];
    const { stdout } = await run(process.execPath, jest, { cwd: app, env: environment, timeout: 120_000 }).catch(withOutput);
    const { numPassedTests, numTotalTests } = JSON.parse(stdout) as { numPassedTests: number; numTotalTests: number };
    expect({ numPassedTests, numTotalTests }).toEqual({ numPassedTests: 4, numTotalTests: 4 });
  },
  300_000,
);

/** A failed run with what Jest said of it, which is all that helps. */
function withOutput(error: Error & { readonly stdout?: string; readonly stderr?: string }): never {
  throw new Error(`${error.message}\n${error.stderr ?? ''}\n${error.stdout ?? ''}`, { cause: error });
}
