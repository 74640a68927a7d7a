export type { IoRedisClient } from './ioredis.commands.js';
export type { NodeRedisClient } from './node-redis.commands.js';
export type { RedisAddress, RedisConnectionOptions } from './redis-connection-options.js';
export { redisIdempotencyStore } from './redis-idempotency-store.factory.js';
export type { RedisIdempotencyStore } from './redis-idempotency-store.js';
export type { RedisIdempotencyStoreOptions } from './redis-store-options.js';
