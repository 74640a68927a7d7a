import { ConfigurationError } from '../errors/index.js';
import { type IoRedisClient, IoRedisCommands, isIoRedis } from './ioredis.commands.js';
import { isNodeRedis, type NodeRedisClient, NodeRedisCommands } from './node-redis.commands.js';
import { OwnConnection } from './own-connection.js';
import { assertConnectionOptions, CONNECTION_OPTION_NAMES, type RedisConnectionOptions } from './redis-connection-options.js';
import { RedisIdempotencyStore } from './redis-idempotency-store.js';
import { GivenClient, type RedisSource } from './redis-source.js';
import { type RedisIdempotencyStoreOptions, resolveStoreOptions } from './redis-store-options.js';

const WHERE = 'redisIdempotencyStore()';

/**
 * An idempotency store on Redis, with your client of node-redis or ioredis (5 or later; single server, Sentinel or cluster), which is used as it is and never closed.
 *
 * @example redisIdempotencyStore(await createClient({ url }).connect())
 * @throws ConfigurationError when it is no client, or an option is wrong
 */
export function redisIdempotencyStore(
  client: NodeRedisClient | IoRedisClient,
  options?: RedisIdempotencyStoreOptions,
): RedisIdempotencyStore;
/**
 * An idempotency store on Redis, with connections of its own: made at the first call, ended by `close()`.
 *
 * @example redisIdempotencyStore({ url: 'redis://localhost:6379' })
 * @throws ConfigurationError when an option is wrong
 */
export function redisIdempotencyStore(options: RedisConnectionOptions & RedisIdempotencyStoreOptions): RedisIdempotencyStore;
export function redisIdempotencyStore(
  given: NodeRedisClient | IoRedisClient | (RedisConnectionOptions & RedisIdempotencyStoreOptions),
  options: RedisIdempotencyStoreOptions = {},
): RedisIdempotencyStore {
  const client = clientOf(given);
  if (client) return new RedisIdempotencyStore(client, resolveStoreOptions(WHERE, options));
  const own = given as RedisConnectionOptions & RedisIdempotencyStoreOptions;
  const settings = resolveStoreOptions(WHERE, own, CONNECTION_OPTION_NAMES);
  assertConnectionOptions(WHERE, own);
  return new RedisIdempotencyStore(new OwnConnection(own), settings);
}

function clientOf(given: unknown): RedisSource | undefined {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${WHERE}: give it a client of node-redis or ioredis, or options such as { url: 'redis://localhost:6379' }`,
    );
  }
  if (isNodeRedis(given)) return new GivenClient(new NodeRedisCommands(given));
  if (isIoRedis(given)) return new GivenClient(new IoRedisCommands(given));
  return undefined;
}
