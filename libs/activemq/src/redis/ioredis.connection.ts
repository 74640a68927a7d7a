import { Cluster, Redis, type RedisOptions } from 'ioredis';

import { IoRedisCommands } from './ioredis.commands.js';
import type { ConnectionWatch, RedisConnection } from './own-connection.js';
import { CONNECT_TIMEOUT_MS, type RedisConnectionOptions } from './redis-connection-options.js';

/** Prepares connections with ioredis; once made, it makes them again by itself. */
export function ioRedisConnection(options: RedisConnectionOptions, watch: ConnectionWatch): RedisConnection {
  const client = createIoRedis(options);
  client.on('error', watch.onError).on('ready', watch.onReady);
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
    // Whether slots are missing is what our own check tells; theirs would wait without a word.
    return new Cluster(nodes, { ...lazy, enableReadyCheck: false, redisOptions: node });
  }
  if (sentinel) {
    const sentinels = sentinel.nodes.map(({ host, port = 26_379 }) => ({ host, port }));
    // A primary that was only cut off keeps its connections: without the detector we would stay with it.
    return new Redis({ ...lazy, ...node, name: sentinel.name, sentinels, failoverDetector: true });
  }
  return new Redis(String(url), { ...lazy, ...node });
}
