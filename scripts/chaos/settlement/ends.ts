import path from 'node:path';

import { AttemptLog } from './attempt-log.js';
import type { BrokerClient } from '../parts/broker-client.js';
import { type Combination, deadLetterQueueOf, outQueueOf, queueOf } from './combination.js';
import type { MessageStory } from './verdict.js';

/** Takes everything that the broker holds at the end, and tells of each message what became of it. */
export async function readEnds(
  client: BrokerClient,
  combinations: readonly Combination[],
  folder: string,
  sentAt: readonly number[],
): Promise<ReadonlyMap<Combination, readonly MessageStory[]>> {
  /** By queue, then by `idempotencyKey` or, of a handler's sends, by number. */
  const found = new Map<string, Map<string, readonly string[]>>();
  for (const [queue, depth] of await client.depths()) {
    const keys = new Map<string, readonly string[]>();
    for (const { headers, body } of await client.drain(queue, depth)) {
      const key = queue.endsWith('.out') ? `${queue}-${numberIn(body)}` : (headers['idempotencyKey'] ?? '');
      const reason = headers['deadLetterReason'] ?? headers['dlqDeliveryFailureCause'] ?? '';
      keys.set(key, [...(keys.get(key) ?? []), reason]);
    }
    found.set(queue, keys);
  }
  return new Map(
    combinations.map((combination) => {
      const [queue, out, deadLetterQueue] = [queueOf(combination), outQueueOf(combination), deadLetterQueueOf(combination)];
      const attempts = new AttemptLog(path.join(folder, queue));
      const stories = sentAt.map((at, n): MessageStory => {
        const key = `${queue}-${n}`;
        const places = [...found].flatMap(([place, keys]) => (keys.get(key) ?? []).map((reason) => ({ place, reason })));
        const sent = combination.ack === 'transacted' ? { sent: found.get(out)?.get(`${out}-${n}`)?.length ?? 0 } : {};
        return {
          n,
          sentAt: at,
          attempts: attempts.read(n),
          deadLetters: places.filter(({ place }) => place === deadLetterQueue).length,
          elsewhere: places.filter(({ place }) => place !== deadLetterQueue).length,
          places,
          ...sent,
        };
      });
      return [combination, stories];
    }),
  );
}

function numberIn(body: Buffer): number {
  const { n } = JSON.parse(body.toString()) as { n: number };
  return n;
}
