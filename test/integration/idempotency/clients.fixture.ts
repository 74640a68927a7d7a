import { Redis } from 'ioredis';
import { type IdempotencyStore } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore, type RedisIdempotencyStoreOptions } from 'nestjs-activemq/redis';
import { createClient } from 'redis';

/** A store over a client as users make it, and the end of that client. */
export interface ClientUnderTest {
  readonly store: IdempotencyStore;
  readonly disconnect: () => void;
}

/** Makes a store over a client with that client's own defaults. */
export type MakeClient = (url: string, options?: RedisIdempotencyStoreOptions) => Promise<ClientUnderTest>;

const nodeRedis: MakeClient = async (url, options) => {
  const client = createClient({ url });
  // Outages are what these tests make; the calls that fail tell of them.
  client.on('error', () => undefined);
  await client.connect();
  return { store: redisIdempotencyStore(client, options), disconnect: () => client.destroy() };
};

const ioRedis: MakeClient = async (url, options) => {
  const client = new Redis(url, { lazyConnect: true });
  client.on('error', () => undefined);
  await client.connect();
  return { store: redisIdempotencyStore(client, options), disconnect: () => client.disconnect() };
};

/** Both clients, for `describe.each`. */
export const CLIENTS: readonly (readonly [name: string, make: MakeClient])[] = [
  ['node-redis', nodeRedis],
  ['ioredis', ioRedis],
];

/** Lets `ms` pass for every record of a server at once: shortens all lives by as much. */
export async function elapseOn(redis: Redis, ms: number): Promise<void> {
  const script = `
    for _, key in ipairs(redis.call('KEYS', '*')) do
      local left = redis.call('PTTL', key)
      if left > tonumber(ARGV[1]) then redis.call('PEXPIRE', key, left - ARGV[1]) else redis.call('DEL', key) end
    end`;
  await redis.eval(script, 0, String(Math.round(ms)));
}
