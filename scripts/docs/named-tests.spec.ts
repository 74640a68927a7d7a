import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { missingTests } from './named-tests.js';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'named-tests-'));
  for (const folder of ['libs/a', 'libs/b', 'apps', 'scripts', 'test/deep']) await mkdir(path.join(root, folder), { recursive: true });
  for (const file of ['libs/a/one.spec.ts', 'libs/a/two.spec.ts', 'libs/b/two.spec.ts', 'test/deep/three.e2e-spec.ts'])
    await writeFile(path.join(root, file), '');
});

afterAll(() => rm(root, { recursive: true, force: true }));

it('tells the names that are no file, or more than one', async () => {
  const page = 'See `a/one.spec.ts`, `test/deep/three.e2e-spec.ts`, `a/two.spec.ts`; `two.spec.ts`, `gone.spec.ts` and `hree.e2e-spec.ts`.';
  await writeFile(path.join(root, 'page.md'), page);
  expect((await missingTests(root, ['page.md'])).map(({ name }) => name)).toEqual(['two.spec.ts', 'gone.spec.ts', 'hree.e2e-spec.ts']);
});
