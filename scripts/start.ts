import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { buildSample, ROOT, SAMPLE_ENTRIES } from './sample/build-sample.js';

/** Signals that ask the application to finish what it does and end. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

try {
  await buildSample();
  process.exitCode = await runApplication();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Resolves with the exit code; ending it on request is no failure. */
async function runApplication(): Promise<number> {
  const child = spawn(process.execPath, ['--enable-source-maps', SAMPLE_ENTRIES.application], {
    cwd: ROOT,
    // The channel carries nothing: its end tells the application that this process is gone, even by kill -9.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  for (const signal of ENDINGS) process.on(signal, () => child.kill(signal));
  const [code, signal] = await exited;
  return signal !== null && (ENDINGS as readonly string[]).includes(signal) ? 0 : (code ?? 1);
}
