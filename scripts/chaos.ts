import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * `npm run chaos -- <name> [options]`: runs one of the long runs in `scripts/chaos/`, each of which exports
 * `run(args): Promise<number>`, the exit code. What they show is in their docs pages.
 */
interface ChaosRun {
  run(args: readonly string[]): Promise<number>;
}

const folder = fileURLToPath(new URL('./chaos/', import.meta.url));
/** Runs stand beside their parts: a run is a file of this folder itself, without a second dot in its name. */
const names = readdirSync(folder)
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .map((file) => file.slice(0, -'.ts'.length));
const [name = '', ...args] = process.argv.slice(2);

if (names.includes(name)) {
  const found = (await import(pathToFileURL(`${folder}${name}.ts`).href)) as ChaosRun;
  process.exitCode = await found.run(args);
} else {
  console.error(`npm run chaos -- <name> [options]: there is no run ${JSON.stringify(name)}; the runs are ${names.join(', ')}`);
  process.exitCode = 2;
}
