import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { ENTRIES, ROOT } from './build-application.js';

/** Signals that ask an application to finish what it does and end. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a built application in a process of its own, on this terminal. Resolves with its exit code; ending it on request is no failure. */
export async function runApplication(name: keyof typeof ENTRIES, words: readonly string[] = []): Promise<number> {
  const child = spawn(process.execPath, ['--enable-source-maps', ENTRIES[name], ...words], {
    cwd: ROOT,
    // The channel carries nothing: its end tells the application that this process is gone, even by kill -9.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  for (const signal of ENDINGS) process.on(signal, () => child.kill(signal));
  const [code, signal] = await exited;
  return signal !== null && (ENDINGS as readonly string[]).includes(signal) ? 0 : (code ?? 1);
}
