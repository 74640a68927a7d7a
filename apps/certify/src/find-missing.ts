import type { Cluster } from 'activemq-cluster';

import { browseQueue } from './broker-queue.js';

/** Where ActiveMQ puts what it gives up on. */
const DEAD_LETTER_QUEUE = 'ActiveMQ.DLQ';
/** Why, as ActiveMQ writes it into a dead letter. */
const CAUSE = 'dlqDeliveryFailureCause';

/** Says of each missing message where it lies: on which broker, in which queue, and if in a dead letter queue, why. */
export async function findMissing(cluster: Cluster, queue: string, keys: readonly string[]): Promise<readonly string[]> {
  const serving = (await cluster.status()).filter(({ state }) => state === 'master' || state === 'networked');
  const places = serving.flatMap(({ name, host, ports }) =>
    [queue, DEAD_LETTER_QUEUE].map((place) => ({ name, host, port: ports.stomp, place })),
  );
  const found = new Map<string, string[]>();
  for (const { name, place, ...address } of places) {
    for (const headers of await browseQueue(address, place)) {
      const key = headers['idempotencyKey'] ?? '';
      const cause = headers[CAUSE] === undefined ? '' : ` (${headers[CAUSE]})`;
      found.set(key, [...(found.get(key) ?? []), `${place === queue ? 'the queue' : place} of ${name}${cause}`]);
    }
  }
  return keys.map((key) => `${key} ${found.has(key) ? `lies in ${found.get(key)?.join(' and in ')}` : 'lies nowhere'}`);
}
