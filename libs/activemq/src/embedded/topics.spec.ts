import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('topics', () => {
  let broker: EmbeddedBroker;
  let producer: StompClient;
  let client: StompClient;

  beforeEach(async () => {
    broker = await startBroker();
    producer = await StompClient.connect(broker);
    client = await StompClient.connect(broker, { 'client-id': 'client' });
  });
  afterEach(() => broker.stop());

  const durable = { 'activemq.subscriptionName': 'sub' };

  it('a subscriber gets what is sent while it is there', async () => {
    await producer.send('/topic/t', 'before');
    await client.subscribe('1', '/topic/t', { ack: 'auto' });
    await producer.send('/topic/t', 'while');
    expect(await client.bodies(1)).toEqual(['while']);
  });

  it('every subscriber gets a copy, wildcards and selectors count, noLocal spares the sender', async () => {
    await client.subscribe('plain', '/topic/a.b', { ack: 'auto' });
    await client.subscribe('star', '/topic/*.b', { ack: 'auto', selector: 'n > 5' });
    await client.subscribe('rest', '/topic/a.>', { ack: 'auto', 'activemq.noLocal': 'true' });
    await producer.send('/topic/a.b', 'x', { n: '9' });
    await client.send('/topic/a.b', 'own', { n: '1' });
    await client.settled();
    expect(client.frames.map(({ headers, body }) => `${headers['subscription']} ${body.toString()}`)).toEqual([
      'plain x',
      'star x',
      'rest x',
      'plain own',
    ]);
  });

  it('NACK of a non-durable subscriber goes nowhere', async () => {
    await client.subscribe('1', '/topic/t');
    await producer.send('/topic/t', 'x');
    expect((await client.nack(await client.message())).command).toBe('RECEIPT');
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(0);
  });

  it('a durable subscription collects while its client is away, and does not flag what comes again', async () => {
    await client.subscribe('1', '/topic/t', durable);
    await producer.send('/topic/t', 'm1');
    await client.message();
    client.socket.destroy();
    await client.closed;
    await producer.send('/topic/t', 'm2');
    const back = await StompClient.connect(broker, { 'client-id': 'client' });
    await back.subscribe('1', '/topic/t', durable);
    const messages = [await back.message(), await back.message()];
    expect(messages.map(({ body, headers }) => [body.toString(), headers['redelivered']])).toEqual([
      ['m1', undefined],
      ['m2', undefined],
    ]);
  });

  it('NACK of a durable subscriber goes to the dead letter queue', async () => {
    await client.subscribe('1', '/topic/t', durable);
    await producer.send('/topic/t', 'x');
    await client.nack(await client.message());
    await producer.subscribe('dlq', '/queue/ActiveMQ.DLQ');
    expect((await producer.message()).headers['original-destination']).toBe('/topic/t');
  });

  it('a durable subscription is deleted in two steps', async () => {
    await client.subscribe('1', '/topic/t', durable);
    const inUse = await client.ask('UNSUBSCRIBE', { id: '1', ...durable });
    expect([inUse.command, inUse.headers['message']]).toEqual(['ERROR', 'Durable consumer is in use']);
    expect((await client.ask('UNSUBSCRIBE', { id: '1' })).command).toBe('RECEIPT');
    expect((await client.ask('UNSUBSCRIBE', { id: '1', ...durable })).command).toBe('RECEIPT');
    await producer.send('/topic/t', 'lost');
    await client.subscribe('1', '/topic/t', durable);
    expect(await client.rest()).toEqual([]);
  });

  it('another selector starts a durable subscription anew', async () => {
    await client.subscribe('1', '/topic/t', durable);
    await client.ask('UNSUBSCRIBE', { id: '1' });
    await producer.send('/topic/t', 'old');
    await client.subscribe('1', '/topic/t', { ...durable, selector: 'TRUE' });
    expect(await client.rest()).toEqual([]);
  });

  it('a SEND on which a selector of a subscriber fails is refused', async () => {
    await client.subscribe('1', '/topic/t', { selector: 'n * 2 > 1' });
    expect((await producer.send('/topic/t', 'x', { n: '1' })).command).toBe('ERROR');
    expect((await producer.send('/topic/t', 'x')).command).toBe('RECEIPT');
  });

  it('a client id is taken once', async () => {
    const second = new StompClient(broker.connect());
    second.write('CONNECT', { 'accept-version': '1.2', 'client-id': 'client' });
    const answer = await second.next(({ command }) => command === 'ERROR');
    expect(answer.headers['message']).toMatch(/Client: client already connected from vm:/);
    await second.closed;
  });

  it('virtual topics copy into the queues of their consumers, and keep copies while they are away', async () => {
    await client.subscribe('a', '/queue/Consumer.A.VirtualTopic.t', { ack: 'auto' });
    await client.ask('UNSUBSCRIBE', { id: 'a' });
    await client.subscribe('t', '/topic/VirtualTopic.t', { ack: 'auto' });
    await producer.send('/topic/VirtualTopic.t', 'x');
    expect((await client.message()).headers['destination']).toBe('/topic/VirtualTopic.t');
    await client.subscribe('a', '/queue/Consumer.A.VirtualTopic.t', { ack: 'auto' });
    expect((await client.message()).headers).toMatchObject({
      destination: '/queue/Consumer.A.VirtualTopic.t',
      'original-destination': '/topic/VirtualTopic.t',
    });
  });
});
