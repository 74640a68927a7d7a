import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { type Deferred, deferred } from './deferred.js';

const run = promisify(execFile);

/** How long Redis may take to say that it is ready, in ms. */
const START_TIMEOUT = 20_000;

/** Below the range from which systems take ports for outgoing connections. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/**
 * Runs Redis in a folder of its own, and ends both when this process is gone, however it went: the kernel closes the pipe
 * even after `kill -9`. Redis stays this shell's child until `wait`, so its pid cannot become another's before it is signalled.
 */
const KEEPER = String.raw`
folder=$(mktemp -d "$TMPDIR/redis-test-XXXXXX") || exit 1
cd "$folder" && printf %s "$REDIS_CONF" >redis.conf || exit 1
exec 3<&0
redis-server redis.conf "$@" </dev/null 3<&- 2>&1 & pid=$!
echo "pid $pid"
{ while read -r line <&3; do :; done; kill -9 "$pid" 2>/dev/null; } >/dev/null 2>&1 & reader=$!
wait "$pid"; code=$?
kill "$reader" 2>/dev/null
cd / && rm -rf "$folder"
echo "exit $code"
`;

/** Finds `redis-server`, and installs the Debian package when there is none and this is root. Resolves with its version; an error says what to do. */
export async function provisionRedis(progress: (text: string) => void = () => undefined): Promise<string> {
  const present = await redisVersion();
  if (present !== undefined) return present;
  if (process.getuid?.() !== 0) throw new Error('redis-server is not installed. Cure: as root, apt-get install redis-server');
  progress('Installing the Debian package redis-server with apt-get ...');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'redis-server'];
  try {
    await run('apt-get', install, { env }).catch(async () => {
      await run('apt-get', ['update'], { env });
      return run('apt-get', install, { env });
    });
  } catch (error) {
    throw new Error('apt-get could not install redis-server. Cure: install Redis 6.2 or later so that redis-server is on the PATH', {
      cause: error,
    });
  }
  const installed = await redisVersion();
  if (installed === undefined) throw new Error('apt-get installed redis-server, but it cannot be run. Cure: put redis-server on the PATH');
  return installed;
}

async function redisVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await run('redis-server', ['--version']);
    return /v=([\d.]+)/.exec(stdout)?.[1];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** How a server is started. */
export interface RedisServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** More lines of `redis.conf`. */
  readonly config?: readonly string[];
  /** More arguments, e.g. `--sentinel`. */
  readonly args?: readonly string[];
}

/** A Redis process on 127.0.0.1, without persistence. */
export class RedisServer {
  private constructor(
    readonly port: number,
    readonly pid: number,
    private readonly exited: Promise<void>,
    private readonly release: () => void,
  ) {}

  /** Starts Redis; resolves when it takes connections. Rejects with its output when it does not. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    await provisionRedis();
    for (let attempt = 1; ; attempt++) {
      const port = options.port ?? (await freePort());
      try {
        return await RedisServer.startOn(port, options);
      } catch (error) {
        const taken = error instanceof Error && error.message.includes('Address already in use');
        if (!taken || options.port !== undefined || attempt === 5) throw error;
      }
    }
  }

  private static async startOn(port: number, { config = [], args = [] }: RedisServerOptions): Promise<RedisServer> {
    const lines = [`port ${port}`, 'bind 127.0.0.1', 'protected-mode no', 'save ""', 'appendonly no', ...config];
    // A session of its own: Ctrl-C in the terminal must not take the keeper along.
    const keeper = spawn('sh', ['-c', KEEPER, 'redis-keeper', ...args], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR ?? '/tmp', REDIS_CONF: `${lines.join('\n')}\n` },
    });
    const started = deferred<number>();
    const exited = deferred();
    keeper.once('error', started.reject);
    keeper.once('exit', () => exited.resolve());
    // The keeper's end is told by its exit, not by a broken pipe.
    keeper.stdin.on('error', () => undefined);
    watchOutput(keeper.stdout, started);
    const timer = setTimeout(() => started.reject(new Error(`Redis was not ready after ${START_TIMEOUT} ms`)), START_TIMEOUT);
    try {
      return new RedisServer(port, await started.promise, exited.promise, () => keeper.stdin.end());
    } catch (error) {
      keeper.stdin.end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Sends a signal to this process alone. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    process.kill(this.pid, signal);
  }

  /** Ends Redis as `kill -9` does; resolves when it is gone and its port free. Safe to repeat. */
  async stop(): Promise<void> {
    this.release();
    await this.exited;
  }
}

/** Resolves `started` with the pid once Redis is ready, rejects with what it said when it ends first. */
function watchOutput(output: NodeJS.ReadableStream, started: Deferred<number>): void {
  const said: string[] = [];
  let pid = 0;
  createInterface({ input: output }).on('line', (line) => {
    if (line.startsWith('pid ')) pid = Number(line.slice(4));
    if (/Ready to accept connections|Sentinel ID is/.test(line)) started.resolve(pid);
    if (/^exit \d+$/.test(line)) started.reject(new Error(`Redis ended before it was ready (${line}):\n${said.join('\n')}`));
    said.push(line);
    if (said.length > 30) said.shift();
  });
}

/** A port on 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error(`no free port between ${LOWEST_PORT} and ${HIGHEST_PORT} on 127.0.0.1; stop what listens there`);
}
