import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** How a script ended and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs scripts of the repository with a temporary folder of their own: what they leave behind is found there. */
export class ScriptRunner {
  readonly #children: ChildProcess[] = [];

  private constructor(private readonly folder: string) {}

  static async create(): Promise<ScriptRunner> {
    return new ScriptRunner(await mkdtemp(join(await realpath(tmpdir()), 'sample-e2e-')));
  }

  /** Starts a script. */
  start(script: string, words: readonly string[] = [], variables: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, script), ...words], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: this.folder, ...variables },
    });
    this.#children.push(child);
    return child;
  }

  /** Runs a script to its end. */
  async run(script: string, words: readonly string[] = [], variables: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return ended(this.start(script, words, variables));
  }

  /** What is left of clusters: folders here, and processes whose command lines name them. */
  async leftovers(): Promise<readonly string[]> {
    const folders = (await readdir(this.folder)).filter((name) => name.startsWith('nestjs-activemq-cluster-'));
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    return [...folders, ...lines.filter((line) => line.includes(this.folder))];
  }

  /** Ends what a failed test left running, and removes the folder. */
  async dispose(): Promise<void> {
    for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Resolves with everything a process said, once it has ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const [out, err] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'close'),
  ]);
  return { code: child.exitCode, out, err };
}

/** Resolves with the first line of standard output that matches; fails when the process ends without one. */
export async function lineOf(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  if (!child.stdout) throw new TypeError('The process has no standard output to read');
  for await (const line of createInterface({ input: child.stdout })) {
    const match = pattern.exec(line);
    if (match) return match;
  }
  throw new Error(`The process ended without a line like ${String(pattern)}`);
}
