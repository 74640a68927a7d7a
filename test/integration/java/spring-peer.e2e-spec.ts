import type { INestApplicationContext } from '@nestjs/common';
import { DefaultMessageConverter, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { countsOf, listener, SpringBench, uniqueName, until } from './spring-bench.fixture.js';
import type { JavaMessage } from './spring-peer.js';

const bench = SpringBench.forFile();

const no = (): never => {
  throw new Error('no stock');
};
const DIES_AT_ONCE = { maximumRedeliveries: 0 } as const;

/** A dead letter, taken from `ActiveMQ.DLQ` by Java. */
async function deadForJava(selector: string): Promise<JavaMessage> {
  const message = await bench.java.receive('ActiveMQ.DLQ', { selector });
  if (!message) throw new Error(`No dead letter has ${selector}`);
  return message;
}

describe('properties and selectors', () => {
  it("Java's properties come as headers, and our selectors compare those that are numbers as numbers", async () => {
    const queue = uniqueName('java.to.nest');
    const Listener = listener({ destination: queue, selector: "amount > 9 AND currency = 'EUR' AND JMSType = 'Order'" });
    const app = await bench.boot([Listener]);
    const send = (body: string, amount: number) =>
      bench.java.send({
        destination: queue,
        body,
        properties: { amount, currency: 'EUR', paid: true },
        type: 'Order',
        correlationId: 'c-1',
      });
    await send('small', 9);
    await send('large', 10);
    await until(() => expect(app.get(Listener).received).toHaveLength(1));
    const [message] = app.get(Listener).received;
    expect(message).toMatchObject({ correlationId: 'c-1', type: 'Order', idempotencyKey: undefined, deliveryCount: 1 });
    expect({ ...message?.headers }).toMatchObject({ amount: '10', currency: 'EUR', paid: 'true', persistent: 'true' });
    expect(message?.text()).toBe('large');
    expect((await bench.java.receive(queue))?.body).toBe('small');
  });

  it('our headers are String properties, which selectors of Java can use, as texts', async () => {
    const queue = uniqueName('nest.to.java');
    const jms = (await bench.boot()).get(JmsMessagingTemplate);
    const options = { type: 'Order', correlationId: 'c-2', priority: 7, timeToLive: 3_600_000 };
    const sent = await jms.convertAndSend(queue, { id: 1 }, { ...options, headers: { amount: 10, 'not-an-identifier': 'x' } });
    await jms.convertAndSend(queue, { id: 2 });
    const message = await bench.java.receive(queue, { selector: `idempotencyKey = '${sent.idempotencyKey}' AND amount = '10'` });
    expect(message).toMatchObject({
      kind: 'TextMessage',
      body: '{"id":1}',
      type: 'Order',
      correlationId: 'c-2',
      priority: 7,
      persistent: true,
      properties: { amount: '10', 'not-an-identifier': 'x', idempotencyKey: sent.idempotencyKey, 'content-type': 'application/json' },
    });
    expect(Math.abs(message!.expiration - Date.now() - 3_600_000)).toBeLessThan(60_000);
    // A text compares with a number only when the selector asks for it.
    await jms.convertAndSend(queue, { id: 3 }, { headers: { amount: 11 } });
    expect(await bench.java.receive(queue, { selector: 'amount > 10', timeout: 300 })).toBeNull();
    expect((await bench.java.receive(queue, { selector: 'convert_string_expressions:amount > 10' }))?.body).toBe('{"id":3}');
  });
});

describe('message groups', () => {
  it('of Java: each goes to one of our consumers, in order; their name is not told over STOMP, so that it wants a property of its own', async () => {
    const queue = uniqueName('groups');
    const Listeners = [listener(queue), listener(queue)] as const;
    const consumers = [(await bench.boot([Listeners[0]])).get(Listeners[0]), (await bench.boot([Listeners[1]])).get(Listeners[1])];
    for (let n = 0; n < 12; n++) {
      await bench.java.send({ destination: queue, body: `${n}`, properties: { JMSXGroupID: `g${n % 4}`, shard: `g${n % 4}` } });
    }
    await until(() => expect(consumers.flatMap(({ received }) => received)).toHaveLength(12));
    const got = consumers.map(({ received }) => received.map((message) => `${message.headers['shard']} ${message.text()}`));
    const groupsOf = got.map((lines) => new Set(lines.map((line) => line.slice(0, 2))));
    expect(groupsOf.reduce((sum, groups) => sum + groups.size, 0)).toBe(4);
    for (const group of ['g0', 'g1', 'g2', 'g3']) {
      const first = Number(group.slice(1));
      expect(got.flat().filter((line) => line.startsWith(group))).toEqual([first, first + 4, first + 8].map((n) => `${group} ${n}`));
    }
    expect(consumers.flatMap(({ received }) => received).every(({ headers }) => headers['JMSXGroupID'] === undefined)).toBe(true);
  });

  it('of ours: Java reads JMSXGroupID, and each group goes to one of its consumers', async () => {
    const queue = uniqueName('groups');
    const jms = (await bench.boot()).get(JmsMessagingTemplate);
    for (let n = 0; n < 12; n++) await jms.convertAndSend(queue, `${n}`, { groupId: `g${n % 4}` });
    const taken = await bench.java.consume(queue, 12);
    expect(taken.every(({ group, properties }) => group === properties['groupId'])).toBe(true);
    const consumersOf = new Map(taken.map(({ group }) => [group, new Set<number>()]));
    for (const { group, consumer } of taken) consumersOf.get(group)?.add(consumer);
    expect([...consumersOf.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1]);
  });
});

describe('durable subscriptions', () => {
  it('ours keeps what Java sends while the application is down', async () => {
    const topic = uniqueName('prices');
    const options = { clientId: uniqueName('nest') };
    const Listener = listener({ destination: `topic://${topic}`, subscription: 'audit' });
    const app = await bench.boot([Listener], options);
    const registry = app.get(JmsListenerEndpointRegistry);
    await registry.stop();
    await bench.java.send({ destination: `topic://${topic}`, body: 'while you were away' });
    expect(app.get(Listener).received).toEqual([]);
    registry.start();
    await until(() => expect(app.get(Listener).received.map((message) => message.text())).toEqual(['while you were away']));
  });

  it("Java's keeps what we send while it is away", async () => {
    const [topic, clientId] = [`topic://${uniqueName('prices')}`, uniqueName('java')];
    await bench.java.subscribe(topic, clientId, 'audit');
    await (await bench.boot()).get(JmsMessagingTemplate).convertAndSend(topic, { price: 3 });
    expect((await bench.java.receiveFromSubscription(topic, clientId, 'audit'))?.body).toBe('{"price":3}');
  });
});

describe('dead letters', () => {
  it('of ours: Java reads why, who, when and from where, and the message as it was', async () => {
    const queue = uniqueName('orders');
    const app = await bench.boot([listener({ destination: queue, id: 'billing', redelivery: DIES_AT_ONCE }, no)], { application: 'shop' });
    await bench.java.send({
      destination: queue,
      body: 'größe',
      properties: { mark: queue, amount: 10 },
      type: 'Order',
      correlationId: 'c-3',
    });
    const dead = await deadForJava(`mark = '${queue}'`);
    expect(dead).toMatchObject({ kind: 'TextMessage', body: 'größe', type: 'Order', correlationId: 'c-3', persistent: true });
    expect(dead.properties).toMatchObject({
      deadLetterReason: 'its policy allows no redelivery',
      deadLetterErrorClass: 'Error',
      deadLetterErrorMessage: 'Error: no stock',
      deliveryCount: '1',
      originalDestination: `queue://${queue}`,
      listenerId: 'billing',
      application: 'shop',
      // What we copy we have as text.
      amount: '10',
    });
    expect(dead.properties['originalMessageId']).toMatch(/^ID:/);
    expect(Number(dead.properties['lastFailedAt'])).toBeGreaterThan(Date.now() - 60_000);
    expect(await bench.java.receive(queue, { timeout: 300 })).toBeNull();
    expect(countsOf(app)).toMatchObject({ deadLettered: 1 });
  });

  it("of theirs: a listener of ours reads ActiveMQ's cause, in which a rollback leaves no error", async () => {
    const mark = randomUUID();
    const Listener = listener({ destination: 'ActiveMQ.DLQ', selector: `mark = '${mark}'` });
    const app = await bench.boot([Listener]);
    await app.get(JmsMessagingTemplate).convertAndSend('spring.failing', 'order 7', { headers: { mark } });
    await until(() => expect(app.get(Listener).received).toHaveLength(1));
    const [dead] = app.get(Listener).received;
    expect(dead?.payload).toBe('order 7');
    expect({ ...dead?.headers }).toMatchObject({ mark, 'original-destination': '/queue/spring.failing' });
    expect(dead?.headers['dlqDeliveryFailureCause']).toMatch(/Delivery\[2\] exceeds redelivery policy limit.*cause:null/);
    expect(dead?.idempotencyKey).toBeDefined();
  });
});

describe('messages whose body STOMP does not show', () => {
  it.each([
    ['MapMessage', { name: 'x', count: 7 }],
    ['StreamMessage', ['x', 7]],
    ['ObjectMessage', ['x']],
    ['Message', null],
  ] as const)('a %s that fails is moved by the broker as it is: nothing of it is lost', async (kind, body) => {
    const queue = uniqueName('orders');
    const Listener = listener({ destination: queue, redelivery: DIES_AT_ONCE }, no);
    const app = await bench.boot([Listener]);
    await bench.java.send({ destination: queue, kind, body: 'x', properties: { mark: queue, amount: 10 } });
    const dead = await deadForJava(`mark = '${queue}' AND amount > 9`);
    expect(dead.body).toEqual(body);
    expect(dead.kind).toBe(kind === 'Message' ? undefined : kind);
    // Over STOMP the broker learns no reason.
    expect(dead.properties).toEqual({ mark: queue, amount: 10, originalExpiration: 0 });
    expect(app.get(Listener).received.map((message) => [message.body.length, message.headers['content-length']])).toEqual([[0, undefined]]);
    expect(countsOf(app)).toMatchObject({ deadLettered: 1 });
  });

  it.each([
    ['TextMessage', ''],
    ['BytesMessage', ''],
  ] as const)('an empty %s is dead-lettered, whoever moves it', async (kind, body) => {
    const queue = uniqueName('orders');
    await bench.boot([listener({ destination: queue, redelivery: DIES_AT_ONCE }, no)]);
    await bench.java.send({ destination: queue, kind, body, properties: { mark: queue } });
    expect(await deadForJava(`mark = '${queue}'`)).toMatchObject({ kind, body: '' });
  });

  it("stays here in mode 'scheduled', which could only bring back a copy", async () => {
    const queue = uniqueName('orders');
    const redelivery = { mode: 'scheduled', maximumRedeliveries: 2, initialRedeliveryDelay: 10, redeliveryDelay: 10 } as const;
    const Listener = listener({ destination: queue, redelivery }, ({ deliveryCount }) => {
      if (deliveryCount < 3) no();
    });
    const app = await bench.boot([Listener]);
    await bench.java.send({ destination: queue, kind: 'MapMessage', body: 'x' });
    await until(() => expect(countsOf(app)).toMatchObject({ redeliveries: 2, acknowledged: 1 }));
    expect(new Set(app.get(Listener).received.map(({ messageId }) => messageId)).size).toBe(1);
  });
});

describe("a copy of mode 'scheduled'", () => {
  it('tells a Java consumer JMSXDeliveryCount and JMSRedelivered, and keeps its text a TextMessage', async () => {
    const queue = uniqueName('orders');
    const app: INestApplicationContext = await bench.boot([
      listener({ destination: queue, redelivery: { mode: 'scheduled', initialRedeliveryDelay: 10 } }, () => {
        // Java is to get the copy.
        void app.get(JmsListenerEndpointRegistry).stop();
        no();
      }),
    ]);
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, { id: 7 }, { type: 'Order', groupId: 'g' });
    await until(() => expect(countsOf(app)).toMatchObject({ redeliveries: 1 }));
    expect(await bench.java.receive(queue, { selector: 'JMSXDeliveryCount = 2' })).toMatchObject({
      kind: 'TextMessage',
      body: '{"id":7}',
      type: 'Order',
      group: 'g',
      deliveryCount: 2,
      redelivered: true,
      properties: { idempotencyKey, deliveryCount: '1' },
    });
  });
});

class Order {
  id!: string;
  total!: number;
}

/** Knows the class `Order` under the name under which Java knows its own. */
const TYPED = { messageConverter: new DefaultMessageConverter({ typeIdPropertyName: '_type', typeIdMappings: { order: Order } }) };

describe('converters', () => {
  it.each(['TEXT', 'BYTES'] as const)(
    "what Spring's MappingJackson2MessageConverter writes as %s comes as an instance of the mapped class",
    async (target) => {
      const queue = uniqueName('orders');
      const Listener = listener(queue);
      const app = await bench.boot([Listener], TYPED);
      await bench.java.convertAndSend(queue, { id: '7', total: 2.5 }, target);
      await until(() => expect(app.get(Listener).received).toHaveLength(1));
      const [message] = app.get(Listener).received;
      expect(message?.payload).toBeInstanceOf(Order);
      expect(message?.payload).toEqual({ id: '7', total: 2.5 });
      expect(message?.headers['_type']).toBe('order');
    },
  );

  it.each(['TEXT', 'BYTES'] as const)('what it writes as %s comes as a plain object where no class is mapped', async (target) => {
    const queue = uniqueName('orders');
    const Listener = listener(queue);
    const app = await bench.boot([Listener]);
    await bench.java.convertAndSend(queue, { id: '7', total: 2.5 }, target);
    await until(() => expect(app.get(Listener).received).toHaveLength(1));
    expect(app.get(Listener).received[0]?.payload).toEqual({ id: '7', total: 2.5 });
  });

  it("reads the mapped class from what we write; without the type id Spring's converter would not", async () => {
    const queue = uniqueName('orders');
    const order = Object.assign(new Order(), { id: '8', total: 3 });
    await (await bench.boot([], TYPED)).get(JmsMessagingTemplate).convertAndSend(queue, order);
    expect(await bench.java.receiveAndConvert(queue)).toEqual({ class: 'Order', value: { id: '8', total: 3 } });
    await (await bench.boot()).get(JmsMessagingTemplate).convertAndSend(queue, order);
    await expect(bench.java.receiveAndConvert(queue)).rejects.toThrow('MessageConversionException');
  });
});

describe('replies', () => {
  it('what our method returns answers JmsTemplate.sendAndReceive', async () => {
    const queue = uniqueName('quotes');
    await bench.boot([listener(queue, (message) => ({ asked: message.text(), price: 7 }))]);
    const reply = await bench.java.sendAndReceive({ destination: queue, body: 'a pound of nails' });
    expect(reply).toMatchObject({ kind: 'TextMessage', body: '{"asked":"a pound of nails","price":7}' });
    expect(reply?.correlationId).toMatch(/^ID:/);
    expect(await bench.java.sendAndReceive({ destination: queue, body: 'x', correlationId: 'c-4' })).toMatchObject({
      correlationId: 'c-4',
    });
  });

  it('an error reply tells Java class and message of the error', async () => {
    const queue = uniqueName('quotes');
    await bench.boot([listener({ destination: queue, redelivery: DIES_AT_ONCE, errorReplies: true }, no)]);
    const reply = await bench.java.sendAndReceive({ destination: queue, body: 'x', properties: { mark: queue } });
    expect(reply?.properties).toMatchObject({ errorClass: 'Error', errorMessage: 'no stock' });
    expect(await deadForJava(`mark = '${queue}'`)).toMatchObject({ body: 'x' });
  });

  it('without a JMSReplyTo they go where the listener says', async () => {
    const [queue, receipts] = [uniqueName('orders'), uniqueName('receipts')];
    await bench.boot([listener({ destination: queue, sendTo: receipts }, () => 'received')]);
    await bench.java.send({ destination: queue, body: 'x', correlationId: 'c-5' });
    expect(await bench.java.receive(receipts)).toMatchObject({ body: 'received', correlationId: 'c-5' });
  });

  it("convertSendAndReceive is answered by Spring's @JmsListener, in both directions as the mapped class", async () => {
    const jms = (await bench.boot([], TYPED)).get(JmsMessagingTemplate);
    const order = Object.assign(new Order(), { id: '9', total: 4 });
    const reply = await jms.convertSendAndReceive<Order>('spring.double', order, { timeout: 20_000 });
    expect(reply).toBeInstanceOf(Order);
    expect(reply).toEqual({ id: '9', total: 8 });
  });
});
