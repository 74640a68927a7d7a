import { createClient, createCluster, createSentinel } from 'redis';

import { NodeRedisCommands } from './node-redis.commands.js';
import type { ConnectionWatch, RedisConnection } from './own-connection.js';
import { CONNECT_TIMEOUT_MS, type RedisConnectionOptions } from './redis-connection-options.js';

/** Prepares connections with node-redis; once made, it makes them again by itself. */
export function nodeRedisConnection(options: RedisConnectionOptions, watch: ConnectionWatch): RedisConnection {
  const client = createNodeRedis(options);
  client.on('error', watch.onError).on('ready', watch.onReady);
  return {
    commands: new NodeRedisCommands(client),
    connect: async () => client.connect(),
    close() {
      if (client.isOpen) void client.destroy();
    },
  };
}

function createNodeRedis({ url, sentinel, cluster, username, password, tls }: RedisConnectionOptions) {
  const socket = { connectTimeout: CONNECT_TIMEOUT_MS, ...(tls && { ...tls, tls: true as const }) };
  const credentials = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const node = { ...credentials, disableOfflineQueue: true, socket };
  if (sentinel) {
    const sentinelRootNodes = sentinel.nodes.map(({ host, port = 26_379 }) => ({ host, port }));
    return createSentinel({ name: sentinel.name, sentinelRootNodes, nodeClientOptions: node });
  }
  if (cluster) {
    const rootNodes = cluster.nodes.map(({ host, port = 6_379 }) => ({ socket: { host, port } }));
    return createCluster({ rootNodes, defaults: node });
  }
  return createClient({ url, ...node });
}
