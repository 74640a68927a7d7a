import { Cluster, Redis, type RedisOptions } from 'ioredis';

import { IoRedisCommands } from './ioredis.commands.js';
import type { RedisConnection } from './own-connection.js';
import { CONNECT_TIMEOUT_MS, type RedisConnectionOptions } from './redis-connection-options.js';

/** Prepares connections with ioredis; once made, it makes them again by itself. */
export function ioRedisConnection(options: RedisConnectionOptions, onError: (error: Error) => void): RedisConnection {
  const client = createIoRedis(options);
  client.on('error', onError);
  return {
    commands: new IoRedisCommands(client),
    connect: async () => client.connect(),
    close: () => client.disconnect(),
  };
}

function createIoRedis({ url, sentinel, cluster, username, password, tls }: RedisConnectionOptions): Redis | Cluster {
  // It sends commands in flight again after a reconnect; version 6.0.0 loses their promises when told not to. Claims are safe to repeat.
  const lazy = { lazyConnect: true, enableOfflineQueue: false };
  const node: RedisOptions = {
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
  };
  if (cluster) {
    const nodes = cluster.nodes.map(({ host, port = 6_379 }) => ({ host, port }));
    return new Cluster(nodes, { ...lazy, redisOptions: node });
  }
  if (sentinel) {
    const sentinels = sentinel.nodes.map(({ host, port = 26_379 }) => ({ host, port }));
    return new Redis({ ...lazy, ...node, name: sentinel.name, sentinels });
  }
  return new Redis(String(url), { ...lazy, ...node });
}
