// Type-checks every ```ts block of the documentation, each as a module of its own, and finds every test file that a page names: `npm run docs:check`.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { missingTests } from './docs/named-tests.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, '.docs-check');

const pages = ['README.md', 'CONTRIBUTING.md', 'libs/activemq/README.md'];
for (const name of await readdir(path.join(root, 'docs'))) if (name.endsWith('.md')) pages.push(`docs/${name}`);

const missing = await missingTests(root, pages);
for (const { page, name } of missing) console.error(`${page} names ${name}, which is not one test file by the end of its path`);

await rm(folder, { recursive: true, force: true });
await mkdir(folder);
try {
  let blocks = 0;
  for (const page of pages) blocks += await extract(page);
  await copyFile(path.join(root, 'scripts/docs/foreign-packages.d.ts.txt'), path.join(folder, 'foreign-packages.d.ts'));
  const config = {
    extends: '../tsconfig.json',
    compilerOptions: { noEmit: true, noUnusedLocals: false, noUnusedParameters: false },
    files: await readdir(folder),
  };
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', folder], { stdio: 'inherit', cwd: folder });
  console.log(
    status === 0
      ? `${blocks} blocks of ${pages.length} pages compile`
      : 'A file name above is page.line of the block that does not compile',
  );
  process.exitCode = status === 0 && blocks > 0 && missing.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Writes the blocks of one page as files named after the line they begin at; returns how many there are. */
async function extract(page: string): Promise<number> {
  const text = await readFile(path.join(root, page), 'utf8');
  let count = 0;
  for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, match.index).split('\n').length;
    const code = match[1] ?? '';
    // A module, even when it neither imports nor exports.
    await writeFile(path.join(folder, `${page.replaceAll('/', '.')}.${line}.ts`), `import 'reflect-metadata';\n${code}\nexport {};\n`);
    count++;
  }
  return count;
}
