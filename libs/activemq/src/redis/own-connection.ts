import { ConfigurationError } from '../errors/index.js';
import type { RedisCommands } from './redis-commands.js';
import type { RedisConnectionOptions } from './redis-connection-options.js';
import type { RedisSource } from './redis-source.js';

/** Connections of one client, not yet made. */
export interface RedisConnection {
  readonly commands: RedisCommands;
  connect(): Promise<unknown>;
  /** Drops the connections; what is unanswered fails. */
  close(): void;
}

/** Remembers what a client tells of its connection while nobody calls it. */
export class ConnectionWatch {
  lastError: Error | undefined;
  /** Rejects with the first error. */
  readonly failed: Promise<never>;
  private fail: (error: Error) => void = () => undefined;

  constructor() {
    this.failed = new Promise((_, reject) => (this.fail = reject));
    // Nobody may be waiting: what failed is in `lastError` too.
    this.failed.catch(() => undefined);
  }

  readonly onError = (error: Error): void => {
    this.lastError = error;
    this.fail(error);
  };

  readonly onReady = (): void => {
    this.lastError = undefined;
  };
}

/** Makes its connections at the first call, and again when that failed; afterwards the client reconnects by itself. */
export class OwnConnection implements RedisSource {
  private watch = new ConnectionWatch();
  private opening: Promise<RedisCommands> | undefined;
  private connection: RedisConnection | undefined;

  constructor(private readonly options: RedisConnectionOptions) {}

  get lastError(): Error | undefined {
    return this.watch.lastError;
  }

  async commands(): Promise<RedisCommands> {
    this.opening ??= this.open();
    return this.opening;
  }

  async close(): Promise<void> {
    this.opening = undefined;
    this.connection?.close();
    this.connection = undefined;
  }

  private async open(): Promise<RedisCommands> {
    const watch = new ConnectionWatch();
    this.watch = watch;
    const connection = await load(this.options, watch);
    this.connection = connection;
    try {
      const connected = connection.connect();
      // A single server that refuses is told at once. Of several one may be down: the client knows better.
      await (this.options.url === undefined ? connected : Promise.race([connected, watch.failed]));
      return connection.commands;
    } catch (error) {
      await this.close();
      // A client says no more than that it is closed; why, it said before.
      throw watch.lastError ?? error;
    }
  }
}

/** Loads the client that is asked for, or installed. */
async function load(options: RedisConnectionOptions, watch: ConnectionWatch): Promise<RedisConnection> {
  const libraries = options.library === undefined ? (['redis', 'ioredis'] as const) : [options.library];
  for (const library of libraries) {
    try {
      if (library === 'redis') return (await import('./node-redis.connection.js')).nodeRedisConnection(options, watch);
      return (await import('./ioredis.connection.js')).ioRedisConnection(options, watch);
    } catch (error) {
      if (!isNotInstalled(error, library)) throw error;
    }
  }
  throw new ConfigurationError(`redisIdempotencyStore(): no Redis client is installed. Cure: npm install ${libraries[0]}`);
}

function isNotInstalled(error: unknown, library: string): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`package '${library}'`)
  );
}
