import { evalShaOrSource, type RedisCommands, type RedisTopology } from './redis-commands.js';
import type { RedisScript } from './scripts.js';

/** What is used of ioredis (5 or later): `new Redis()`, with or without Sentinels, or `new Cluster()`. */
export interface IoRedisClient {
  evalsha(sha1: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

const STAYS_WITH_OLD_PRIMARY =
  'this client of ioredis stays with a primary that was replaced while it was only cut off, and claims there are lost. Cure: failoverDetector: true';

interface IoRedis extends IoRedisClient {
  readonly options?: { readonly sentinels?: unknown; readonly failoverDetector?: boolean };
  ping(): Promise<unknown>;
  info(section: string): Promise<unknown>;
  cluster(subcommand: 'INFO'): Promise<unknown>;
}

interface IoRedisCluster extends IoRedis {
  readonly isCluster: true;
  nodes(role: 'master'): IoRedis[];
}

/** Tells a client of ioredis from one of node-redis, whose method is `evalSha`. */
export function isIoRedis(client: object): client is IoRedisClient {
  return 'evalsha' in client && typeof client.evalsha === 'function' && 'eval' in client && typeof client.eval === 'function';
}

/** Drives ioredis. */
export class IoRedisCommands implements RedisCommands {
  readonly topology: RedisTopology;
  readonly doubts: readonly string[];
  private readonly client: IoRedis;

  constructor(given: IoRedisClient) {
    this.client = given as IoRedis;
    this.topology = isCluster(this.client) ? 'cluster' : 'single';
    const { sentinels, failoverDetector } = this.client.options ?? {};
    this.doubts = sentinels && !failoverDetector ? [STAYS_WITH_OLD_PRIMARY] : [];
  }

  async run({ sha1, source }: RedisScript, key: string, args: readonly string[]): Promise<unknown> {
    return evalShaOrSource(
      async () => this.client.evalsha(sha1, 1, key, ...args),
      async () => this.client.eval(source, 1, key, ...args),
    );
  }

  async ping(): Promise<unknown> {
    return Promise.all(this.masters().map(async (client) => client.ping()));
  }

  async info(section: string): Promise<readonly string[]> {
    return Promise.all(this.masters().map(async (client) => String(await client.info(section))));
  }

  async clusterInfo(): Promise<string> {
    return String(await this.masters()[0]?.cluster('INFO'));
  }

  private masters(): IoRedis[] {
    const clients = isCluster(this.client) ? this.client.nodes('master') : [this.client];
    if (clients.length === 0) throw new Error('the cluster client knows no master');
    return clients;
  }
}

function isCluster(client: IoRedis): client is IoRedisCluster {
  return 'isCluster' in client && client.isCluster === true;
}
