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
  const found = new Map<string, Map<string, number>>();
  for (const [queue, depth] of await client.depths()) {
    const keys = new Map<string, number>();
    for (const { headers, body } of await client.drain(queue, depth)) {
      const key = queue.endsWith('.out') ? `${queue}-${numberIn(body)}` : (headers['idempotencyKey'] ?? '');
      keys.set(key, (keys.get(key) ?? 0) + 1);
    }
    found.set(queue, keys);
  }
  return new Map(
    combinations.map((combination) => {
      const [queue, out, deadLetterQueue] = [queueOf(combination), outQueueOf(combination), deadLetterQueueOf(combination)];
      const attempts = new AttemptLog(path.join(folder, queue));
      const stories = sentAt.map((at, n): MessageStory => {
        const key = `${queue}-${n}`;
        const places = [...found].map(([place, keys]) => ({ place, copies: keys.get(key) ?? 0 }));
        const copiesIn = (isMeant: (place: string) => boolean) =>
          places.reduce((sum, { place, copies }) => sum + (isMeant(place) ? copies : 0), 0);
        const sent = combination.ack === 'transacted' ? { sent: found.get(out)?.get(`${out}-${n}`) ?? 0 } : {};
        return {
          n,
          sentAt: at,
          attempts: attempts.read(n),
          deadLetters: copiesIn((place) => place === deadLetterQueue),
          elsewhere: copiesIn((place) => place !== deadLetterQueue),
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
