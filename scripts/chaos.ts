import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { ArgumentError } from './chaos/parts/arguments.js';

/**
 * `npm run chaos -- <name> [options]`: runs one of the long runs in `scripts/chaos/`, each of which exports
 * `run(args): Promise<number>`, the exit code, and its `usage`. What they show is in their docs pages.
 */
interface ChaosRun {
  /** What {@link run} takes. */
  readonly usage: string;
  /** Throws an {@link ArgumentError} for what it does not take. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const folder = fileURLToPath(new URL('./chaos/', import.meta.url));
/** Runs stand beside their parts: a run is a file of this folder itself, without a second dot in its name. */
const names = readdirSync(folder)
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .map((file) => file.slice(0, -'.ts'.length));
const [name = '', ...args] = process.argv.slice(2);

if (names.includes(name)) {
  const { run, usage } = (await import(pathToFileURL(`${folder}${name}.ts`).href)) as ChaosRun;
  if (args.includes('--help')) console.log(usage);
  else
    try {
      process.exitCode = await run(args);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      console.error(`${error.message}\n\n${usage}`);
      process.exitCode = 2;
    }
} else {
  const isAsked = name === '' || name === '--help';
  const what = isAsked ? '' : `: there is no run ${JSON.stringify(name)}`;
  console.error(`npm run chaos -- <name> [options]${what}; the runs are ${names.join(', ')}; each takes --help`);
  process.exitCode = isAsked ? 0 : 2;
}
