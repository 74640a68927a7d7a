import { ConfigurationError } from '../errors/index.js';
import type { RedisCommands } from './redis-commands.js';
import type { RedisStoreSettings } from './redis-store-options.js';

const WHERE = 'redisIdempotencyStore()';

/** Looks at every server for what would lose records. @throws ConfigurationError that says what is wrong and the cure */
export async function checkRedis(commands: RedisCommands, settings: RedisStoreSettings): Promise<void> {
  for (const doubt of commands.doubts) settings.onWarning(`${WHERE}: ${doubt}`);
  for (const text of await commands.info('everything')) {
    const info = parseInfo(text);
    checkTopology(info, commands);
    checkEviction(info, settings);
  }
  if (commands.topology === 'cluster') checkSlots(await commands.clusterInfo());
}

function checkTopology(info: ReadonlyMap<string, string>, { topology }: RedisCommands): void {
  if (topology === 'single' && info.get('cluster_enabled') === '1') {
    throw new ConfigurationError(
      `${WHERE}: this Redis is a node of a cluster, the client is made for a single server. Cure: \`cluster\`, createCluster() of node-redis or Cluster of ioredis`,
    );
  }
  if (info.get('role') === 'slave') {
    throw new ConfigurationError(
      `${WHERE}: this Redis is a replica of ${info.get('master_host')}:${info.get('master_port')} and takes no writes. Cure: connect to the primary, or through Sentinels`,
    );
  }
}

function checkEviction(info: ReadonlyMap<string, string>, { allowEviction, onWarning }: RedisStoreSettings): void {
  const policy = info.get('maxmemory_policy');
  if (policy === undefined) {
    onWarning(`${WHERE}: this Redis does not tell its \`maxmemory-policy\`; make sure that it is \`noeviction\``);
    return;
  }
  // Every other policy may take records: all of them expire, so `volatile-*` does not spare them.
  if (policy === 'noeviction' || info.get('maxmemory') === '0') return;
  const problem = `${WHERE}: Redis may evict records when its memory is full (\`maxmemory-policy ${policy}\`), and then duplicates pass`;
  if (!allowEviction) {
    throw new ConfigurationError(
      `${problem}. Cure: CONFIG SET maxmemory-policy noeviction, a Redis of its own, or \`allowEviction: true\``,
    );
  }
  onWarning(problem);
}

function checkSlots(text: string): void {
  const info = parseInfo(text);
  const [assigned, ok, state] = ['cluster_slots_assigned', 'cluster_slots_ok', 'cluster_state'].map((name) => info.get(name));
  if (state === 'ok' && assigned === '16384' && ok === '16384') return;
  throw new ConfigurationError(
    `${WHERE}: the cluster's state is ${state}, ${assigned} of 16384 slots are assigned and ${ok} served: keys in the others cannot be claimed. Cure: redis-cli --cluster fix`,
  );
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text.matchAll(/^([a-z_]+):([^\r\n]*)\r?$/gm);
  return new Map(Array.from(pairs, ([, name = '', value = '']) => [name, value]));
}
