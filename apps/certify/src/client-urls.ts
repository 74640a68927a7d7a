import type { Cluster, ClusterTopology } from 'activemq-cluster';

/** The connections of the certified application. */
export type ClientName = 'producer' | 'first' | 'second';

/** Where each of them looks for a broker. */
export type ClientUrls = Readonly<Record<ClientName, string>>;

/** A second at most between two tries: else an outage seems longer than it is. */
const COMMON = 'randomize=false&maxReconnectDelay=1000';

/**
 * Broker URLs as the documents give them to clients. Master and slaves: the same list for all. A network: each listener prefers a broker of its
 * own and comes back to it, the producer prefers the first. `combined`: producer and second listener prefer the pair, the first listener the
 * lone broker.
 */
export function clientUrls({
  topology,
  nodes,
}: Pick<Cluster, 'topology'> & { readonly nodes: readonly { readonly url: string }[] }): ClientUrls {
  const urls = nodes.map(({ url }) => url);
  const [first = '', ...others] = urls;
  if (isOneBroker(topology)) {
    const all = failover(urls);
    return { producer: all, first: all, second: all };
  }
  if (topology === 'combined') {
    const pair = failover([...others, first], others);
    return { producer: pair, first: failover(urls, [first]), second: pair };
  }
  const [second = first, ...rest] = others;
  const atFirst = failover(urls, [first]);
  return { producer: atFirst, first: atFirst, second: failover([second, ...rest, first], [second]) };
}

/** Whether all brokers are one for the clients: a master and its slaves. */
function isOneBroker(topology: ClusterTopology): boolean {
  return !topology.startsWith('network-') && topology !== 'combined';
}

function failover(urls: readonly string[], preferred: readonly string[] = []): string {
  const priority = preferred.length === 0 ? '' : `&priorityBackup=true&priorityURIs=${preferred.join(',')}`;
  return `failover:(${urls.join(',')})?${COMMON}${priority}`;
}

/** The URLs that a client prefers; empty when all are the same to it. */
export function preferredOf(url: string): readonly string[] {
  return /&priorityURIs=(.*)$/.exec(url)?.[1]?.split(',') ?? [];
}
