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

/** Makes its connections at the first call, and again when that failed; afterwards the client reconnects by itself. */
export class OwnConnection implements RedisSource {
  lastError: Error | undefined;
  private opening: Promise<RedisCommands> | undefined;
  private connection: RedisConnection | undefined;

  constructor(private readonly options: RedisConnectionOptions) {}

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
    const connection = await load(this.options, (error) => (this.lastError = error));
    this.connection = connection;
    try {
      await connection.connect();
      return connection.commands;
    } catch (error) {
      await this.close();
      // A client says no more than that it is closed; why, it said before.
      throw this.lastError ?? error;
    }
  }
}

/** Loads the client that is asked for, or installed. */
async function load(options: RedisConnectionOptions, onError: (error: Error) => void): Promise<RedisConnection> {
  const libraries = options.library === undefined ? (['redis', 'ioredis'] as const) : [options.library];
  for (const library of libraries) {
    try {
      if (library === 'redis') return (await import('./node-redis.connection.js')).nodeRedisConnection(options, onError);
      return (await import('./ioredis.connection.js')).ioRedisConnection(options, onError);
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
