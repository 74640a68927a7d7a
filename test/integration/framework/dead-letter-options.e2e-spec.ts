import 'reflect-metadata';
import {
  DeadLetterStrategy,
  DeadLetterStrategyMap,
  type DeadLetterTarget,
  DiscardingDeadLetterStrategy,
  type DurableSubscriber,
  IndividualDeadLetterStrategy,
  type JmsDestination,
  JmsMessagingTemplate,
  RedeliveryPolicyMap,
  SharedDeadLetterStrategy,
} from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, listenerOn, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const ONCE = { maximumRedeliveries: 0 };
const no = (): never => {
  throw new Error('no');
};

describe('IndividualDeadLetterStrategy', () => {
  it.each([
    ['ActiveMQ.DLQ.Queue.', '', new IndividualDeadLetterStrategy()],
    ['', '.dead', new IndividualDeadLetterStrategy({ queuePrefix: '', queueSuffix: '.dead' })],
  ])("gives each queue a dead letter queue of its own: '%s' name '%s'", async (prefix, suffix, deadLetter) => {
    const queue = bench.queue();
    const app = await bench.app({ providers: [listenerOn({ destination: queue, redelivery: ONCE, deadLetter }, no)] });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    expect(await deadLetters(bench, idempotencyKey, prefix + queue + suffix)).toHaveLength(1);
    expect(await deadLetters(bench, idempotencyKey)).toEqual([]);
  });

  it('gives each durable subscription its own: the one that failed has the dead letter, the other one handles the message', async () => {
    const topic = bench.queue('prices');
    const clientId = `client-${randomUUID()}`;
    const deadLetter = new IndividualDeadLetterStrategy({ topicPrefix: 'DLT.', destinationPerDurableSubscriber: true });
    const common = { destination: `topic://${topic}`, redelivery: ONCE, deadLetter };
    const app = await bench.app({
      providers: [
        listenerOn({ ...common, id: 'failing', subscription: 'billing' }, no),
        listenerOn({ ...common, id: 'working', subscription: 'audit' }, () => undefined),
      ],
      options: { clientId },
    });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(`topic://${topic}`, 'x');
    await until(() => expect([countsOf(app, 'failing').deadLettered, countsOf(app, 'working').acknowledged]).toEqual([1, 1]));
    const [dead] = await deadLetters(bench, idempotencyKey, `DLT.${topic}.${clientId}:billing`);
    expect(dead?.headers).toMatchObject({ originalDestination: `topic://${topic}`, listenerId: 'failing' });
    expect(await deadLetters(bench, idempotencyKey, `DLT.${topic}.${clientId}:audit`)).toEqual([]);
  });

  it('may send the dead letters of queues to topics, for whoever listens', async () => {
    const queue = bench.queue();
    const deadLetter = new IndividualDeadLetterStrategy({ queuePrefix: 'Dead.', useQueueForQueueMessages: false });
    const heard: string[] = [];
    const app = await bench.app({
      providers: [
        listenerOn({ destination: queue, id: 'orders', redelivery: ONCE, deadLetter }, no),
        listenerOn(`topic://Dead.${queue}`, (message) => void heard.push(message.text())),
      ],
    });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(heard).toEqual(['x']));
  });
});

describe('the copies of a virtual topic', () => {
  it.each([
    ['SharedDeadLetterStrategy', new SharedDeadLetterStrategy(), () => 'ActiveMQ.DLQ'],
    ['IndividualDeadLetterStrategy', new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' }), (queue: string) => `DLQ.${queue}`],
  ])('share one message id, and %s keeps both all the same', async (_, deadLetter, dlqOf) => {
    const topic = `VirtualTopic.${randomUUID()}`;
    const queues = [`Consumer.A.${topic}`, `Consumer.B.${topic}`];
    const ids = new Set<string>();
    const app = await bench.app({
      providers: queues.map((destination) =>
        listenerOn({ destination, id: destination, redelivery: ONCE, deadLetter }, ({ messageId }) => {
          ids.add(messageId);
          no();
        }),
      ),
    });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(`topic://${topic}`, 'x');
    await until(() => expect(queues.map((id) => countsOf(app, id).deadLettered)).toEqual([1, 1]));
    expect(ids.size).toBe(1);
    const found = await Promise.all([...new Set(queues.map(dlqOf))].map((dlq) => deadLetters(bench, idempotencyKey, dlq)));
    const origins = found.flatMap((dead) => dead.map(({ headers }) => headers['originalDestination'] ?? ''));
    expect(new Set(origins)).toEqual(new Set(queues.map((queue) => `queue://${queue}`)));
    expect(origins).toHaveLength(2);
  });
});

describe('a strategy of the application', () => {
  it('decides by the destination and the subscription that gave up', async () => {
    const asked: (readonly [JmsDestination, DurableSubscriber | undefined])[] = [];
    class TeamDeadLetterStrategy extends DeadLetterStrategy {
      constructor() {
        super('TeamDeadLetterStrategy', {});
      }

      targetFor(destination: JmsDestination, subscriber?: DurableSubscriber): DeadLetterTarget {
        asked.push([destination, subscriber]);
        return destination.type === 'queue' ? { type: 'queue', physicalName: `team.${destination.physicalName}` } : 'discard';
      }
    }
    const queue = bench.queue();
    const topic = bench.queue('prices');
    const clientId = `client-${randomUUID()}`;
    const app = await bench.app({
      providers: [
        listenerOn({ destination: queue, id: 'orders' }, no),
        listenerOn({ destination: `topic://${topic}`, id: 'prices', subscription: 'billing' }, no),
      ],
      options: { clientId, redelivery: ONCE, deadLetter: new TeamDeadLetterStrategy() },
    });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await app.get(JmsMessagingTemplate).convertAndSend(`topic://${topic}`, 'x');
    await until(() => expect([countsOf(app, 'orders').deadLettered, countsOf(app, 'prices').discarded]).toEqual([1, 1]));
    expect(await deadLetters(bench, idempotencyKey, `team.${queue}`)).toHaveLength(1);
    expect(asked).toContainEqual([{ type: 'queue', physicalName: queue }, undefined]);
    expect(asked).toContainEqual([
      { type: 'topic', physicalName: topic },
      { clientId, subscriptionName: 'billing' },
    ]);
  });
});

describe('maps in forRoot', () => {
  it('give each destination its policy and its strategy; a listener adds to them', async () => {
    const mark = randomUUID();
    const [payments, orders, ticks, own] = ['payments', 'orders', 'ticks', 'payments.own'].map((name) => `${mark}.${name}`) as [
      string,
      string,
      string,
      string,
    ];
    const dead = `${mark}.dead`;
    const app = await bench.app({
      providers: [
        listenerOn({ destination: payments, id: 'payments' }, no),
        listenerOn({ destination: orders, id: 'orders' }, no),
        listenerOn({ destination: ticks, id: 'ticks' }, no),
        listenerOn(
          { destination: own, id: 'own', redelivery: { maximumRedeliveries: 3 }, deadLetter: new DiscardingDeadLetterStrategy() },
          no,
        ),
      ],
      options: {
        redelivery: new RedeliveryPolicyMap({
          defaultEntry: { maximumRedeliveries: 1, initialRedeliveryDelay: 5, redeliveryDelay: 5 },
          redeliveryPolicyEntries: [
            { destination: `${mark}.payments`, maximumRedeliveries: 2 },
            { destination: `${mark}.payments.>`, maximumRedeliveries: 4 },
          ],
        }),
        deadLetter: new DeadLetterStrategyMap({
          defaultEntry: new SharedDeadLetterStrategy({ deadLetterQueue: dead }),
          deadLetterStrategyEntries: [
            { destination: `${mark}.*`, strategy: new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' }) },
            { destination: `queue://${ticks}`, strategy: new DiscardingDeadLetterStrategy() },
            { destination: payments, strategy: new SharedDeadLetterStrategy({ deadLetterQueue: dead }) },
          ],
        }),
      },
    });
    const jms = app.get(JmsMessagingTemplate);
    const keys = new Map<string, string>();
    for (const queue of [payments, orders, ticks, own]) keys.set(queue, (await jms.convertAndSend(queue, 'x')).idempotencyKey);
    await until(() =>
      expect(['payments', 'orders', 'ticks', 'own'].map((id) => countsOf(app, id))).toMatchObject([
        { redeliveries: 2, deadLettered: 1 },
        { redeliveries: 1, deadLettered: 1 },
        { redeliveries: 1, discarded: 1 },
        { redeliveries: 3, discarded: 1 },
      ]),
    );
    expect(await deadLetters(bench, keys.get(payments)!, dead)).toHaveLength(1);
    expect(await deadLetters(bench, keys.get(orders)!, `DLQ.${orders}`)).toHaveLength(1);
  });
});
