import { open } from 'node:fs/promises';

const START_LINE = '==== start ';
/** A node says little at start-up and much only in trouble: the end is what matters, in bytes. */
const MOST_READ = 1024 * 1024;

/** The end of a log file, 1 MiB at most; empty when there is none yet. */
export async function readLog(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (!file) {
    return '';
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - MOST_READ);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The line before each start, so that one start's output can be told from the last one's. */
export function startLine(now: Date): string {
  return `${START_LINE}${now.toISOString()} ====\n`;
}

/** Whether the node said, since its last start, that it waits for the store's lock. */
export function saysSlave(log: string): boolean {
  return /in slave mode/i.test(log.slice(Math.max(0, log.lastIndexOf(START_LINE))));
}

/** The last lines of the last start, for an error message; without stack frames, which would push the reason out. */
export function tailOf(log: string, lines = 15): string {
  const last = log.slice(Math.max(0, log.lastIndexOf(START_LINE)));
  return last
    .trimEnd()
    .split('\n')
    .filter((line) => !/^\s+(at |\.\.\. \d+ more)/.test(line))
    .slice(-lines)
    .join('\n');
}
