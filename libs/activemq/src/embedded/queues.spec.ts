import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('a queue of the embedded broker', () => {
  let broker: EmbeddedBroker;
  let producer: StompClient;
  let consumer: StompClient;

  beforeEach(async () => {
    broker = await startBroker();
    producer = await StompClient.connect(broker);
    consumer = await StompClient.connect(broker);
  });
  afterEach(() => broker.stop());

  async function sendAll(queue: string, ...bodies: string[]): Promise<void> {
    for (const body of bodies) await producer.send(queue, body);
  }

  it('delivers in order and keeps what nobody has taken', async () => {
    await sendAll('/queue/q', 'm1', 'm2', 'm3');
    expect(broker.queue('q').depth).toBe(3);
    await consumer.subscribe('1', '/queue/q');
    expect(await consumer.bodies(3)).toEqual(['m1', 'm2', 'm3']);
  });

  it('shows the headers of ActiveMQ', async () => {
    await producer.send('/queue/q', 'x', { 'correlation-id': 'c', type: 't', 'reply-to': '/topic/r', custom: 'a:b', priority: '7' });
    await consumer.subscribe('1', '/queue/q');
    const { headers } = await consumer.message();
    expect(headers).toMatchObject({
      destination: '/queue/q',
      subscription: '1',
      'correlation-id': 'c',
      type: 't',
      'reply-to': '/topic/r',
      custom: 'a:b',
      priority: '7',
      expires: '0',
      persistent: 'true',
    });
    expect(headers['message-id']).toMatch(/^ID:embedded-\d+-\d+-5:\d+:-1:1:1$/);
    expect(headers['ack']).toMatch(/^ID:/);
    expect(headers).not.toHaveProperty('redelivered');
    expect(headers).not.toHaveProperty('receipt');
  });

  it('shares its messages among consumers, one each in turn', async () => {
    const other = await StompClient.connect(broker);
    await consumer.subscribe('1', '/queue/q', { 'activemq.prefetchSize': '1' });
    await other.subscribe('1', '/queue/q', { 'activemq.prefetchSize': '1' });
    await sendAll('/queue/q', 'm1', 'm2');
    expect([await consumer.bodies(1), await other.bodies(1)]).toEqual([['m1'], ['m2']]);
  });

  it('sends no more than the prefetch without an ACK', async () => {
    await sendAll('/queue/q', 'm1', 'm2', 'm3');
    await consumer.subscribe('1', '/queue/q', { 'activemq.prefetchSize': '1' });
    const first = await consumer.message();
    expect(await consumer.rest()).toEqual([]);
    await consumer.ack(first);
    expect(await consumer.bodies(1)).toEqual(['m2']);
  });

  it('delivers nothing to a prefetch of 0, ever', async () => {
    await sendAll('/queue/q', 'm1');
    await consumer.subscribe('1', '/queue/q', { 'activemq.prefetchSize': '0' });
    await sendAll('/queue/q', 'm2');
    expect(await consumer.rest()).toEqual([]);
  });

  it('delivers 200 of many lying messages before the first ACK, then more', async () => {
    for (let i = 0; i < 500; i++) producer.write('SEND', { destination: '/queue/q' }, `m${i}`);
    await producer.settled();
    await consumer.subscribe('1', '/queue/q');
    expect(await consumer.rest()).toHaveLength(200);
    const [first] = consumer.frames;
    if (first === undefined) throw new Error('no message came');
    await consumer.ack(first);
    expect(await consumer.rest()).toHaveLength(400);
  });

  it('lets a selector see no further than a page of 200 messages', async () => {
    for (let i = 0; i < 200; i++) producer.write('SEND', { destination: '/queue/q', n: '0' }, 'x');
    await producer.send('/queue/q', 'hidden', { n: '1' });
    await consumer.subscribe('1', '/queue/q', { selector: 'n = 1' });
    expect(await consumer.rest()).toEqual([]);
  });

  it('returns what was not acknowledged to its head, in order and flagged', async () => {
    await sendAll('/queue/q', 'm1', 'm2', 'm3', 'm4');
    await consumer.subscribe('1', '/queue/q', { 'activemq.prefetchSize': '3' });
    const [, second] = [await consumer.message(), await consumer.message()];
    if (second === undefined) throw new Error('no second message came');
    // m3 and m4 were never read: they only sat in the socket.
    await consumer.ack(second);
    consumer.socket.destroy();
    await consumer.closed;
    const next = await StompClient.connect(broker);
    await next.subscribe('1', '/queue/q');
    const messages = [await next.message(), await next.message(), await next.message()];
    expect(messages.map(({ body, headers }) => [body.toString(), headers['redelivered']])).toEqual([
      ['m1', 'true'],
      ['m3', 'true'],
      ['m4', 'true'],
    ]);
  });

  it('returns before what was never delivered, and behind what came back earlier', async () => {
    await sendAll('/queue/q', 'm1', 'm2', 'm3', 'm4');
    for (const prefetch of ['3', '1']) {
      await consumer.subscribe('1', '/queue/q', { 'activemq.prefetchSize': prefetch });
      await consumer.bodies(Number(prefetch));
      await consumer.ask('UNSUBSCRIBE', { id: '1' });
    }
    await consumer.subscribe('1', '/queue/q');
    expect(await consumer.bodies(4)).toEqual(['m2', 'm3', 'm1', 'm4']);
  });

  it('answers an ACK after UNSUBSCRIBE with a receipt and does nothing', async () => {
    await sendAll('/queue/q', 'm1');
    await consumer.subscribe('1', '/queue/q');
    const message = await consumer.message();
    await consumer.ask('UNSUBSCRIBE', { id: '1' });
    expect((await consumer.ack(message)).command).toBe('RECEIPT');
    expect(broker.queue('q').depth).toBe(1);
  });

  it('shows the delivery count to selectors only', async () => {
    await sendAll('/queue/q', 'm1');
    for (let i = 0; i < 2; i++) {
      await consumer.subscribe('1', '/queue/q', { selector: 'JMSXDeliveryCount < 3' });
      expect(await consumer.bodies(1)).toEqual(['m1']);
      await consumer.ask('UNSUBSCRIBE', { id: '1' });
    }
    await consumer.subscribe('1', '/queue/q', { selector: 'JMSXDeliveryCount < 3' });
    expect(await consumer.rest()).toEqual([]);
    await producer.subscribe('poison', '/queue/q', { selector: 'JMSXDeliveryCount >= 3' });
    const poison = await producer.message();
    expect(poison.headers['redelivered']).toBe('true');
    expect(Object.keys(poison.headers).filter((name) => /count/i.test(name))).toEqual([]);
  });
});
