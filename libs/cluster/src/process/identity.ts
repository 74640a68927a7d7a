import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** `absent` also when the pid now belongs to somebody else; `paused` after SIGSTOP. */
export type ProcessState = 'absent' | 'running' | 'paused';

/** An exec takes microseconds on an idle machine; kernel threads never get a command line. ms. */
const LOOK_INTERVAL = 5;
const MOST_LOOKS = 100;

/** Looks whether `pid` is the process that carries `marker` in its command line: a pid alone may have been given to another program. */
export async function processState(pid: number, marker: string): Promise<ProcessState> {
  if (!Number.isSafeInteger(pid) || pid <= 1) {
    return 'absent';
  }
  const found = existsSync('/proc/self/stat') ? await fromProc(pid) : await fromPs(pid);
  if (!found?.commandLine.includes(marker)) {
    return 'absent';
  }
  return found.stat.startsWith('T') ? 'paused' : 'running';
}

/** Process ids of a process's children. */
export async function childrenOf(parent: number): Promise<number[]> {
  if (!existsSync('/proc/self/stat')) {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
    const pairs = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    return pairs.filter(([, of]) => of === parent).map(([pid = 0]) => pid);
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ({ pid, stat: (await readProc(pid))?.stat ?? '' })));
  // The parent is the second of the fields: state, ppid, ...
  return found.filter(({ stat }) => Number(stat.split(' ')[1]) === parent).map(({ pid }) => pid);
}

interface Found {
  readonly commandLine: string;
  readonly stat: string;
}

async function fromProc(pid: number): Promise<Found | undefined> {
  for (let look = 1; ; look++) {
    const found = await readProc(pid);
    // A zombie has no command line any more; a process between two programs (exec) has none yet.
    if (!found || found.commandLine !== '' || /^[ZX]/.test(found.stat) || look === MOST_LOOKS) {
      return found;
    }
    await delay(LOOK_INTERVAL);
  }
}

async function readProc(pid: number): Promise<Found | undefined> {
  try {
    const [commandLine, stat] = await Promise.all([readFile(`/proc/${pid}/cmdline`, 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')]);
    // The name in parentheses may hold anything, spaces and parentheses too: the state follows the last one.
    return { commandLine, stat: stat.slice(stat.lastIndexOf(')') + 2) };
  } catch (error) {
    if (isNoSuchProcess(error)) {
      return undefined;
    }
    throw error;
  }
}

async function fromPs(pid: number): Promise<Found | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'stat=,args=', '-p', String(pid)]);
    return { stat: stdout.trimStart(), commandLine: stdout };
  } catch (error) {
    // ps ends with 1 when there is no such process; anything else is a real failure.
    if (error instanceof Error && 'code' in error && error.code === 1) {
      return undefined;
    }
    throw error;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}
