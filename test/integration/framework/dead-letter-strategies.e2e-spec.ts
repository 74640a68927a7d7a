import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { deadLetterPolicyEntries, type DeadLetterPolicy } from 'activemq-cluster';
import {
  BrokerDeadLetterStrategy,
  type DeadLetterStrategy,
  DiscardingDeadLetterStrategy,
  IndividualDeadLetterStrategy,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
  NonRetryableError,
  type SendOptions,
  SharedDeadLetterStrategy,
} from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

/** A strategy of ours, and the broker's policy of the same options, as `npm run cluster -- up --dead-letter ...` writes it. */
interface Case {
  readonly name: string;
  readonly policy: DeadLetterPolicy;
  readonly strategy: DeadLetterStrategy;
  /** Where the dead letter of `<queue>` stands; `undefined` for nowhere. */
  readonly persistent: string | undefined;
  readonly nonPersistent: string | undefined;
  readonly expired: string | undefined;
}

const SHARED: readonly Case[] = [
  {
    name: 'shared',
    policy: { kind: 'shared' },
    strategy: new SharedDeadLetterStrategy(),
    persistent: 'ActiveMQ.DLQ',
    nonPersistent: undefined,
    expired: 'ActiveMQ.DLQ',
  },
  {
    name: 'shared.own',
    policy: { kind: 'shared', deadLetterQueue: 'orders.DLQ', processNonPersistent: true, processExpired: false },
    strategy: new SharedDeadLetterStrategy({ deadLetterQueue: 'orders.DLQ', processNonPersistent: true, processExpired: false }),
    persistent: 'orders.DLQ',
    nonPersistent: 'orders.DLQ',
    expired: undefined,
  },
];

const OTHERS: readonly Case[] = [
  {
    name: 'individual',
    policy: { kind: 'individual' },
    strategy: new IndividualDeadLetterStrategy(),
    persistent: 'ActiveMQ.DLQ.Queue.<queue>',
    nonPersistent: undefined,
    expired: 'ActiveMQ.DLQ.Queue.<queue>',
  },
  {
    name: 'individual.affixes',
    policy: { kind: 'individual', queuePrefix: 'DLQ.', queueSuffix: '.dead', processNonPersistent: true },
    strategy: new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.', queueSuffix: '.dead', processNonPersistent: true }),
    persistent: 'DLQ.<queue>.dead',
    nonPersistent: 'DLQ.<queue>.dead',
    expired: 'DLQ.<queue>.dead',
  },
  {
    name: 'discarding',
    policy: { kind: 'discarding' },
    strategy: new DiscardingDeadLetterStrategy(),
    persistent: undefined,
    nonPersistent: undefined,
    expired: undefined,
  },
];
const CASES = [...SHARED, ...OTHERS];
const PLACES = ['ActiveMQ.DLQ', 'orders.DLQ', 'ActiveMQ.DLQ.Queue.<queue>', 'DLQ.<queue>', 'DLQ.<queue>.dead', '<queue>'];
const DURABLE: DeadLetterPolicy = { kind: 'individual', topicPrefix: 'DLT.', destinationPerDurableSubscriber: true };

const bench = Bench.forFile({
  broker: {
    policyEntries: [
      ...CASES.flatMap(({ name, policy }) => deadLetterPolicyEntries(policy, `policy.${name}.*`)),
      ...deadLetterPolicyEntries(DURABLE, 'policy.durable.*'),
    ],
  },
});

/** Sends one message to a listener that gives it up, and tells where its dead letters stand afterwards, with `<queue>` for its queue. */
async function placesOf(queue: string, deadLetter: DeadLetterStrategy, options: SendOptions): Promise<readonly string[]> {
  @Injectable()
  class Orders {
    @JmsListener({ destination: queue, id: 'orders', deadLetter, redelivery: { initialRedeliveryDelay: 60_000 } })
    handle(_order: string): never {
      // One that expires before its next attempt is due has expired; the others are given up at once.
      throw options.timeToLive === undefined ? new NonRetryableError('no') : new Error('later');
    }
  }
  const app = await bench.app({ providers: [Orders] });
  const idempotencyKey = randomUUID();
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'order', { ...options, idempotencyKey });
  const counts = () => app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!.counts;
  await vi.waitFor(() => expect(counts().deadLettered + counts().discarded).toBe(1), 20_000);
  // Its acknowledgement, which has no receipt, is taken before the end of the connection.
  await app.close();
  const client = await bench.client();
  const found = await Promise.all(
    PLACES.map(async (place) => {
      const frames = await client.browse(place.replace('<queue>', queue));
      return frames.filter(({ headers }) => headers['idempotencyKey'] === idempotencyKey).map(() => place);
    }),
  );
  return found.flat();
}

describe.each(CASES)('$name: the broker by its policy and this framework by its strategy', ({ name, strategy, ...expected }) => {
  const { processExpired } = strategy;
  it.each([
    ['persistent', {}, expected.persistent],
    ['non-persistent', { persistent: false }, expected.nonPersistent],
    ['expired', { timeToLive: 30_000 }, expected.expired],
  ] as const)('put a %s message into the same place', async (_kind, options, place) => {
    const byBroker = await placesOf(`policy.${name}.${randomUUID()}`, new BrokerDeadLetterStrategy({ processExpired }), options);
    const byUs = await placesOf(bench.queue(name), strategy, options);
    expect([byBroker, byUs]).toEqual([place === undefined ? [] : [place], place === undefined ? [] : [place]]);
  });
});

it('each durable subscription has a dead letter queue of its own, by the broker and by this framework', async () => {
  const { topicPrefix, destinationPerDurableSubscriber } = DURABLE;
  const strategies = [
    new BrokerDeadLetterStrategy(),
    new IndividualDeadLetterStrategy({ topicPrefix, destinationPerDurableSubscriber }),
  ] as const;
  for (const deadLetter of strategies) {
    const [topic, clientId] = [`policy.durable.${randomUUID()}`, randomUUID()];
    @Injectable()
    class Prices {
      @JmsListener({ destination: `topic://${topic}`, id: 'prices', subscription: 'audit', deadLetter })
      handle(_price: string): never {
        throw new NonRetryableError('no');
      }
    }
    const app = await bench.app({ providers: [Prices], options: { clientId } });
    await app.get(JmsMessagingTemplate).convertAndSend(`topic://${topic}`, 'price');
    const counts = () => app.get(JmsListenerEndpointRegistry).getListenerContainer('prices')!.counts;
    await vi.waitFor(() => expect(counts().deadLettered).toBe(1), 20_000);
    await app.close();
    expect(await (await bench.client()).bodies(`DLT.${topic}.${clientId}:audit`)).toEqual(['price']);
  }
});
