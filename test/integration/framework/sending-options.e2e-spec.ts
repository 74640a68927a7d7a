import { ConfigurationError, type JmsMessage, type SendOptions } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { describeOnEitherBroker, until } from './sending.fixture.js';

describeOnEitherBroker('the options of a send', (bench) => {
  const received = async (options: SendOptions): Promise<JmsMessage> => {
    const queue = bench.queue();
    const messages = await bench.listen(queue);
    await (await bench.template()).convertAndSend(queue, 'x', options);
    await until(() => expect(messages).toHaveLength(1));
    return messages[0]!;
  };

  it('arrive: correlation, type, priority, time to live, reply-to, group, headers', async () => {
    const before = Date.now();
    const message = await received({
      correlationId: 'c-1',
      type: 'Order',
      priority: 7,
      timeToLive: 60_000,
      replyTo: 'topic://answers',
      groupId: 'customer-7',
      headers: { colour: 'red', n: 5 },
    });
    const { correlationId, type, priority, replyTo, headers, expiration } = message;
    expect({ correlationId, type, priority, replyTo }).toEqual({
      correlationId: 'c-1',
      type: 'Order',
      priority: 7,
      replyTo: '/topic/answers',
    });
    expect([headers['groupId'], headers['colour'], headers['n']]).toEqual(['customer-7', 'red', '5']);
    expect([expiration >= before + 60_000, expiration < before + 120_000]).toEqual([true, true]);
  });

  it('send a composite to each of its destinations, under one key', async () => {
    const [a, b, topic] = [bench.queue(), bench.queue(), bench.queue()];
    const [ofA, ofB, ofTopic] = [await bench.listen(a), await bench.listen(b), await bench.listen(`topic://${topic}`)];
    const jms = await bench.template();
    const { idempotencyKey, destination } = await jms.convertAndSend(`${a},${b},topic://${topic}`, 'x');
    await until(() => expect([ofA.length, ofB.length, ofTopic.length]).toEqual([1, 1, 1]));
    expect([ofA[0]?.idempotencyKey, ofTopic[0]?.idempotencyKey, destination]).toEqual([
      idempotencyKey,
      idempotencyKey,
      `queue://${a},queue://${b},topic://${topic}`,
    ]);
  });

  it('keep a group with one consumer until it is closed with groupSeq -1', async () => {
    const queue = bench.queue();
    const jms = await bench.template();
    const groups = ['a', 'b', 'c', 'd', 'e', 'f'];
    const send = async (groupSeq?: number) => {
      for (const groupId of groups) await jms.convertAndSend(queue, groupId, { groupId, groupSeq });
    };
    const owner = await bench.listen(queue);
    await send();
    await until(() => expect(owner).toHaveLength(6));
    const other = await bench.listen(queue);
    await send();
    await send(-1);
    await until(() => expect(owner).toHaveLength(18));
    expect(other).toEqual([]);
    await send();
    await until(() => expect(other.length).toBeGreaterThan(0));
    await expect(jms.convertAndSend(queue, 'x', { groupSeq: 1 })).rejects.toThrow('`groupSeq` needs `groupId`');
  });

  it('can be kept in a destination, which never changes', async () => {
    const queue = bench.queue();
    const messages = await bench.listen(queue);
    const jms = await bench.template();
    const orders = jms.destination(queue);
    const urgent = orders
      .withPriority(9)
      .withTimeToLive(60_000)
      .withOptions({ headers: { source: 'shop', kind: 'a' } });
    await urgent.send({ n: 1 }, { kind: 'b' });
    await orders.withDeliveryPersistent(false).withSendTimeout(5_000).send({ n: 2 });
    await urgent.withDeliveryDelay(1).send({ n: 3 });
    await orders.withSchedule({ period: 1, repeat: 1 }).send({ n: 4 });
    await until(() => expect(messages).toHaveLength(5));
    const of = (n: number) => messages.find(({ payload }) => (payload as { n: number }).n === n)!;
    expect([of(1).priority, of(1).expiration > 0, of(1).headers['source'], of(1).headers['kind']]).toEqual([9, true, 'shop', 'b']);
    expect([of(2).priority, of(2).expiration, of(2).headers['persistent'] ?? 'false', of(2).headers['source']]).toEqual([
      4,
      0,
      'false',
      undefined,
    ]);
    expect([of(3).priority, of(3).headers['kind'], of(3).headers['scheduledJobId'] !== undefined]).toEqual([9, 'a', true]);
    await expect(orders.withPriority(10).send('x')).rejects.toBeInstanceOf(ConfigurationError);
  });

  it('go with raw messages too, which no converter sees', async () => {
    const queue = bench.queue();
    const messages = await bench.listen(queue);
    const jms = await bench.template({
      messageConverter: {
        toMessage: () => {
          throw new Error('not asked');
        },
        fromMessage: () => 1,
      },
    });
    await jms.send(queue, { body: '<a/>', headers: { 'content-type': 'application/xml' }, priority: 8 });
    await jms.send(queue, { body: new Uint8Array([0, 1, 2]), correlationId: 'bytes' });
    await until(() => expect(messages).toHaveLength(2));
    expect([messages[0]?.text(), messages[0]?.isText, messages[0]?.priority, messages[0]?.headers['content-type']]).toEqual([
      '<a/>',
      true,
      8,
      'application/xml',
    ]);
    expect([messages[1]?.body, messages[1]?.isText, messages[1]?.correlationId]).toEqual([Buffer.from([0, 1, 2]), false, 'bytes']);
    for (const bad of [undefined, {}, { body: 5 }, { body: 'x', priority: 99 }]) {
      await expect(jms.send(queue, bad as never)).rejects.toBeInstanceOf(ConfigurationError);
    }
  });
});
