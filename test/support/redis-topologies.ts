import { Redis } from 'ioredis';

import { freePort, RedisServer } from './redis-server.js';

/** The name under which Sentinels know the primary. */
export const PRIMARY_NAME = 'primary';

/** How long a topology may take to agree with itself, in ms. */
const AGREE_TIMEOUT = 30_000;

/** Runs commands on one server over a connection of its own. */
export async function withRedis<T>(port: number, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null });
  // What fails is told by the command that fails.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** A primary with two replicas, watched by three Sentinels that agree by two. */
export interface RedisSentinelSet {
  /** Primary first. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The primary's port, as the first Sentinel sees it. */
  primaryPort(): Promise<number>;
  /** Stops the primary's process until another is primary; then it goes on, and takes itself for the primary still, as after a cut in the network. */
  failOver(): Promise<void>;
  /** Makes the primary of before a replica, as the Sentinels do after 8 s; resolves when all agree. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Sentinel set; resolves when all Sentinels know each other and both replicas. A primary silent for 1 s is replaced. */
export async function startSentinelSet(): Promise<RedisSentinelSet> {
  const started: RedisServer[] = [];
  const start = async (options: Parameters<typeof RedisServer.start>[0]) => {
    const server = await RedisServer.start(options);
    started.push(server);
    return server;
  };
  const stop = async () => void (await Promise.all(started.map(async (server) => server.stop())));
  try {
    const common = ['repl-diskless-sync-delay 0', 'repl-diskless-load swapdb'];
    const primary = await start({ config: common });
    const replica = async () => start({ config: [...common, `replicaof 127.0.0.1 ${primary.port}`] });
    const replicas = await Promise.all([replica(), replica()]);
    await Promise.all(replicas.map(async ({ port }) => until(port, 'INFO replication', /master_link_status:up/)));
    const watch = [
      `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primary.port} 2`,
      `sentinel down-after-milliseconds ${PRIMARY_NAME} 1000`,
      `sentinel failover-timeout ${PRIMARY_NAME} 5000`,
    ];
    const sentinel = async () => start({ config: watch, args: ['--sentinel'] });
    const sentinels = await Promise.all([sentinel(), sentinel(), sentinel()]);
    await Promise.all(sentinels.map(async ({ port }) => until(port, 'INFO sentinel', /status=ok,.*slaves=2,sentinels=3/)));
    const primaryPort = async () => {
      const address = await withRedis(sentinels[0]?.port ?? 0, async (redis) =>
        redis.call('SENTINEL', 'get-master-addr-by-name', PRIMARY_NAME),
      );
      return Number((address as string[])[1]);
    };
    const servers = [primary, ...replicas];
    const failOver = async () => {
      const before = await primaryPort();
      const down = servers.find(({ port }) => port === before);
      if (!down) throw new Error(`the Sentinels name port ${before}, where none of these servers listens`);
      down.signal('SIGSTOP');
      try {
        await eventually(async () => (await primaryPort()) !== before, `another primary than the one on port ${before}`);
      } finally {
        down.signal('SIGCONT');
      }
    };
    const heal = async () => {
      const now = await primaryPort();
      for (const { port } of servers) {
        if (port === now) continue;
        await withRedis(port, async (redis) => redis.replicaof('127.0.0.1', now));
        await until(port, 'INFO replication', new RegExp(`role:slave[^]*master_port:${now}[^]*master_link_status:up`));
      }
      await Promise.all(sentinels.map(async ({ port }) => until(port, 'INFO sentinel', /status=ok,.*slaves=2,sentinels=3/)));
    };
    return { servers, sentinels, primaryPort, failOver, heal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Three masters that share the slots, without replicas. */
export interface RedisClusterSet {
  readonly servers: readonly [RedisServer, RedisServer, RedisServer];
  /** The slots of keys. */
  slotsOf(keys: readonly string[]): Promise<number[]>;
  /** Who had the slot when the cluster was started. */
  ownerOf(slot: number): RedisServer | undefined;
  /** Moves one slot with its keys to another master, as `redis-cli --cluster reshard` does. */
  moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void>;
  stop(): Promise<void>;
}

const MASTERS = 3;
const firstSlot = (master: number) => Math.floor((16_384 * master) / MASTERS);

/** Starts a cluster; resolves when every node knows that all slots are served. */
export async function startClusterSet(): Promise<RedisClusterSet> {
  const started: RedisServer[] = [];
  const stop = async () => void (await Promise.all(started.map(async (server) => server.stop())));
  const start = async () => {
    const busPort = await freePort();
    started.push(await RedisServer.start({ config: ['cluster-enabled yes', `cluster-port ${busPort}`, 'cluster-node-timeout 2000'] }));
    return busPort;
  };
  try {
    const busPorts = [await start(), await start(), await start()];
    for (const [n, server] of started.entries()) {
      const [first, next] = [firstSlot(n), firstSlot(n + 1)];
      await withRedis(server.port, async (redis) => {
        await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
        await redis.call('CLUSTER', 'ADDSLOTSRANGE', String(first), String(next - 1));
        await redis.call('CLUSTER', 'MEET', '127.0.0.1', String(started[0]?.port), String(busPorts[0]));
      });
    }
    await Promise.all(started.map(async ({ port }) => until(port, 'CLUSTER INFO', /cluster_state:ok[^]*cluster_known_nodes:3/)));
    const slotsOf = async (keys: readonly string[]) =>
      withRedis(started[0]?.port ?? 0, async (redis) => Promise.all(keys.map(async (key) => redis.cluster('KEYSLOT', key))));
    const ownerOf = (slot: number) => started.find((_, n) => slot >= firstSlot(n) && slot < firstSlot(n + 1));
    return { servers: started as [RedisServer, RedisServer, RedisServer], slotsOf, ownerOf, moveSlot, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  await withRedis(from.port, async (source) =>
    withRedis(to.port, async (target) => {
      const [sourceId, targetId] = [await source.call('CLUSTER', 'MYID'), await target.call('CLUSTER', 'MYID')].map(String) as [
        string,
        string,
      ];
      await target.call('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', sourceId);
      await source.call('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', targetId);
      for (;;) {
        const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', String(slot), '10')) as string[];
        if (keys.length === 0) break;
        await source.call('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys);
      }
      await target.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', targetId);
      await source.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', targetId);
    }),
  );
}

/** Asks a server until it answers as expected: Redis tells nobody when it agrees with others. */
async function until(port: number, command: string, expected: RegExp): Promise<void> {
  const [name = '', ...args] = command.split(' ');
  const asked = async () => withRedis(port, async (redis) => expected.test(String(await redis.call(name, ...args))));
  // A server that changes its role closes its connections: ask again.
  const answered = async () => asked().catch((error: unknown) => String(error).includes('Connection is closed') && false);
  await eventually(answered, `${expected} as the answer of port ${port} to ${command}`);
}

async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + AGREE_TIMEOUT;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Redis did not come to ${what} within ${AGREE_TIMEOUT} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
