import { evalShaOrSource, type RedisCommands, type RedisTopology } from './redis-commands.js';
import type { RedisScript } from './scripts.js';

interface ScriptOptions {
  keys: string[];
  arguments: string[];
}

/** What is used of node-redis (the package `redis`, 5 or later): `createClient()`, `createSentinel()`, `createCluster()` or `createClientPool()`. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: ScriptOptions): Promise<unknown>;
  eval(script: string, options: ScriptOptions): Promise<unknown>;
}

interface NodeRedis extends NodeRedisClient {
  withCommandOptions?(options: object): NodeRedis;
  ping(): Promise<unknown>;
  info(section: string): Promise<unknown>;
  clusterInfo(): Promise<unknown>;
}

interface NodeRedisCluster extends NodeRedis {
  readonly masters: readonly object[];
  nodeClient(node: object): Promise<NodeRedis> | NodeRedis;
}

/** Tells a client of node-redis from one of ioredis, whose method is `evalsha`. */
export function isNodeRedis(client: object): client is NodeRedisClient {
  return 'evalSha' in client && typeof client.evalSha === 'function' && 'eval' in client && typeof client.eval === 'function';
}

/** Drives node-redis. */
export class NodeRedisCommands implements RedisCommands {
  readonly topology: RedisTopology;
  readonly doubts = [];
  private readonly client: NodeRedis;

  constructor(private readonly given: NodeRedisClient) {
    const client = given as NodeRedis;
    this.topology = isCluster(client) ? 'cluster' : 'single';
    // Its own deadline per command (5 s since version 6) is an AbortSignal for each: three quarters of the CPU of a call. The store has its own.
    // A type mapping chosen for other uses would turn our replies into buffers.
    this.client = client.withCommandOptions?.({ timeout: undefined, typeMapping: {} }) ?? client;
  }

  async run({ sha1, source }: RedisScript, key: string, args: readonly string[]): Promise<unknown> {
    const options = { keys: [key], arguments: [...args] };
    return evalShaOrSource(
      async () => this.client.evalSha(sha1, options),
      async () => this.client.eval(source, options),
    );
  }

  async ping(): Promise<unknown> {
    const clients = this.topology === 'single' ? [this.client] : await this.masters();
    return Promise.all(clients.map(async (client) => client.ping()));
  }

  async info(section: string): Promise<readonly string[]> {
    const clients = this.topology === 'single' ? [this.client] : await this.masters();
    return Promise.all(clients.map(async (client) => String(await client.info(section))));
  }

  async clusterInfo(): Promise<string> {
    return String(await (await this.masters())[0]?.clusterInfo());
  }

  private async masters(): Promise<NodeRedis[]> {
    const cluster = this.given as NodeRedisCluster;
    const masters = await Promise.all(cluster.masters.map(async (node) => cluster.nodeClient(node)));
    if (masters.length === 0) throw new Error('the cluster client knows no master');
    return masters;
  }
}

function isCluster(client: NodeRedis): client is NodeRedisCluster {
  return 'masters' in client && 'nodeClient' in client;
}
