import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** How a program ended; `code` 127 when there is no such program. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** All that provisioning sees and does of this machine: tests give it another one. */
export interface ProvisionEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  /** This user's cache folder for this tool. */
  readonly cacheFolder: string;
  /** Tells the person who waits what happens now. */
  progress(line: string): void;
  exists(path: string): Promise<boolean>;
  /** Names in a folder; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  readText(path: string): Promise<string>;
  /** Writes a file, making its folder when there is none. */
  writeText(path: string, text: string): Promise<void>;
  /** Hex digest of a file. */
  digest(path: string, algorithm: 'sha1' | 'sha512'): Promise<string>;
  /** Runs a program; its failure is a code, not a rejection. `timeout` in ms, default 600 000. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** A new empty folder inside the cache folder. */
  makeWorkFolder(): Promise<string>;
  /** Puts a finished folder in place; when another process was faster, that one's stays. */
  adopt(workFolder: string, target: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Options of `run`. */
interface RunOptions {
  readonly timeout?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The cache folder of this tool: below `XDG_CACHE_HOME`, else `~/.cache`. */
export function userCacheFolder(variables: Readonly<Record<string, string | undefined>> = process.env): string {
  // An empty variable counts as not set, says the XDG specification.
  const base = variables['XDG_CACHE_HOME'];
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'nestjs-activemq');
}

/** This machine. */
export function systemEnvironment(progress: (line: string) => void = () => undefined): ProvisionEnvironment {
  const cacheFolder = userCacheFolder();
  return {
    variables: process.env,
    isRoot: process.getuid?.() === 0,
    cacheFolder,
    progress,
    exists: async (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    list: async (folder) => readdir(folder).catch(emptyIfMissing),
    readText: async (path) => readFile(path, 'utf8'),
    writeText: async (path, text) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    digest: async (path, algorithm) => {
      const hash = createHash(algorithm);
      await pipeline(createReadStream(path), hash);
      return hash.digest('hex');
    },
    run,
    makeWorkFolder: async () => {
      await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
      return mkdtemp(join(cacheFolder, 'work-'));
    },
    adopt,
    remove: async (path) => rm(path, { recursive: true, force: true }),
  };
}

async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return new Promise<CommandResult>((resolve) => {
    const env = { ...process.env, ...options.variables };
    execFile(program, args, { env, timeout: options.timeout ?? 600_000, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error?.code === 'ENOENT' ? 127 : error ? 1 : 0;
      resolve({ code, stdout, stderr: error?.killed ? `${stderr}\nended after ${options.timeout ?? 600_000} ms` : stderr });
    });
  });
}

async function adopt(workFolder: string, target: string): Promise<void> {
  try {
    await rename(workFolder, target);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))) {
      throw error;
    }
    await rm(workFolder, { recursive: true, force: true });
  }
}

function emptyIfMissing(error: unknown): readonly string[] {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
    return [];
  }
  throw error;
}
