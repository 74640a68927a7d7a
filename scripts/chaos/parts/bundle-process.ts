import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LIBRARY = `${ROOT}libs/activemq/src`;

/**
 * Bundles a process with the framework's source into one file that plain Node runs: it starts several times faster than through a
 * loader, and has the decorator metadata that Nest needs.
 *
 * @param entry a TypeScript file
 * @returns the folder that was made below `dist/chaos`, to be removed after the run, and the program in it
 */
export async function bundleProcess(entry: string): Promise<{ readonly folder: string; readonly program: string }> {
  const folder = `${ROOT}dist/chaos/${process.pid}-${Date.now()}`;
  await mkdir(folder, { recursive: true });
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    resolve: {
      alias: [
        { find: /^nestjs-activemq$/, replacement: `${LIBRARY}/index.ts` },
        { find: /^nestjs-activemq\/(.+)$/, replacement: `${LIBRARY}/$1/index.ts` },
      ],
    },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'process.mjs' } },
    },
  });
  return { folder, program: path.join(folder, 'process.mjs') };
}
