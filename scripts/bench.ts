import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * `npm run bench -- <name> [options]`: runs one of the measurements in `scripts/bench/`, each of which exports
 * `run(args): Promise<number>`, the exit code. What they measured stands in the docs pages.
 */
interface Bench {
  run(args: readonly string[]): Promise<number>;
}

const folder = fileURLToPath(new URL('./bench/', import.meta.url));
/** Measurements stand beside their parts: a measurement is a file of this folder itself, without a second dot in its name. */
const names = readdirSync(folder)
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .map((file) => file.slice(0, -'.ts'.length));
const [name = '', ...args] = process.argv.slice(2);

if (names.includes(name)) {
  const found = (await import(pathToFileURL(`${folder}${name}.ts`).href)) as Bench;
  process.exitCode = await found.run(args);
} else {
  console.error(`npm run bench -- <name> [options]: there is no measurement ${JSON.stringify(name)}; there are ${names.join(', ')}`);
  process.exitCode = 2;
}
