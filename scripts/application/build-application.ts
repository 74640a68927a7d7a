import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { withLock } from './with-lock.js';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Files of the built applications that can be run. */
export const ENTRIES = {
  sample: `${ROOT}dist/apps/sample/apps/sample/src/main.js`,
  demo: `${ROOT}dist/apps/sample/apps/sample/src/demo/main.js`,
  certify: `${ROOT}dist/apps/certify/apps/certify/src/main.js`,
} as const;

/**
 * Compiles an application, quietly; only what changed is compiled again. Two that build the same at the same time wait for each other.
 *
 * It has to be compiled by `tsc`: tsx knows no decorator metadata, and without it Nest cannot inject.
 *
 * @throws Error with the compiler's words when it does not compile
 */
export async function buildApplication(name: 'sample' | 'certify'): Promise<void> {
  await withLock(`${ROOT}dist/build-${name}.lock`, async () => {
    const nest = createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
    const child = spawn(process.execPath, [nest, 'build', name], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    if (code !== 0) throw new Error(`${name} does not compile (nest build ${name} ended with ${code}):\n${out}${err}`);
  });
}
