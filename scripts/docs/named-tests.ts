import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A test file that a page names and that is not there. */
export interface MissingTest {
  readonly page: string;
  readonly name: string;
}

const FOLDERS = ['libs', 'apps', 'scripts', 'test'];

/**
 * Test files that pages name, as `folder/name.spec.ts` or more of the path, and that are not there, or not the only ones of that name.
 *
 * @param root of the repository
 * @param pages paths below it
 */
export async function missingTests(root: string, pages: readonly string[]): Promise<readonly MissingTest[]> {
  const files = (await Promise.all(FOLDERS.map((folder) => testsBelow(root, folder)))).flat();
  const missing: MissingTest[] = [];
  for (const page of pages) {
    const text = await readFile(path.join(root, page), 'utf8');
    const named = new Set(text.match(/[\w./-]+\.(?:e2e-|nightly-)?spec\.ts/g));
    for (const name of named) if (files.filter((file) => `/${file}`.endsWith(`/${name}`)).length !== 1) missing.push({ page, name });
  }
  return missing;
}

async function testsBelow(root: string, folder: string): Promise<readonly string[]> {
  const names = await readdir(path.join(root, folder), { recursive: true });
  return names
    .filter((name) => !name.includes('node_modules') && name.endsWith('spec.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
}
