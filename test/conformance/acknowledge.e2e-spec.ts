import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue, uniqueTopic } from './support/names.js';
import { text } from './support/test-client.js';

describeOnEachBroker('acknowledge', (broker) => {
  it('takes a message of ack:auto off the queue when it is dispatched, not when it is handled', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, ['m1', 'm2', 'm3']);
    const consumer = await broker.client();
    const subscription = await consumer.subscribe(queue, { ack: 'auto' });
    await subscription.take(3);
    consumer.kill();
    expect(await client.bodiesOn(queue)).toEqual([]);
  });

  it('acknowledges with ack:client everything up to the message that is acknowledged', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, ['m1', 'm2', 'm3', 'm4', 'm5']);
    const subscription = await client.subscribe(queue, { ack: 'client' });
    const messages = await subscription.take(5);
    await client.ack(messages[2]!);
    await subscription.unsubscribe();
    expect(await client.bodiesOn(queue)).toEqual(['m4', 'm5']);
  });

  it('acknowledges with ack:client-individual exactly one message', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, ['m1', 'm2', 'm3']);
    const subscription = await client.subscribe(queue);
    const messages = await subscription.take(3);
    await client.ack(messages[1]!);
    await subscription.unsubscribe();
    expect(await client.bodiesOn(queue)).toEqual(['m1', 'm3']);
  });

  it('puts an ack header on messages of ack:client and ack:client-individual, and none on those of ack:auto', async () => {
    const client = await broker.client();
    for (const [ack, expected] of [
      ['auto', false],
      ['client', true],
      ['client-individual', true],
    ] as const) {
      const queue = uniqueQueue();
      await client.send(queue, ack);
      const subscription = await client.subscribe(queue, { ack });
      const message = await subscription.next();
      expect({ ack, has: 'ack' in message.headers }).toEqual({ ack, has: expected });
    }
  });

  it('gives each delivery of one message another ack id', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const first = await client.subscribe(queue);
    const before = await first.next();
    await first.unsubscribe();
    const second = await client.subscribe(queue);
    const after = await second.next();
    expect(after.headers['message-id']).toBe(before.headers['message-id']);
    expect(after.headers['ack']).not.toBe(before.headers['ack']);
  });

  it('answers a second ACK of one delivery with ERROR and keeps the connection', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, ['m1', 'm2']);
    const subscription = await client.subscribe(queue);
    const [first, second] = await subscription.take(2);
    await client.ack(first!);
    await expect(client.ack(first!)).rejects.toThrow('Unexpected ACK received for message-id');
    await client.ack(second!);
    expect(await client.bodiesOn(queue)).toEqual([]);
  });

  it('answers the ACK of a delivery of another connection with ERROR and leaves the message alone', async () => {
    const queue = uniqueQueue();
    const old = await broker.client();
    await old.send(queue, 'm1');
    const before = await old.subscribe(queue);
    const stale = await before.next();
    old.kill();
    const client = await broker.client();
    const after = await client.subscribe(queue);
    await after.next();
    await expect(client.ack(stale)).rejects.toThrow('Unexpected ACK received for message-id');
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it('confirms an ACK after UNSUBSCRIBE, and delivers the message again all the same', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const first = await client.subscribe(queue);
    const message = await first.next();
    await first.unsubscribe();
    await client.ack(message);
    const second = await client.subscribe(queue);
    expect((await second.next()).headers['redelivered']).toBe('true');
  });

  it('confirms a NACK after UNSUBSCRIBE, and delivers the message again all the same', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const first = await client.subscribe(queue);
    const message = await first.next();
    await first.unsubscribe();
    await client.nack(message);
    const second = await client.subscribe(queue);
    expect(text(await second.next())).toBe('m1');
  });

  it('hands the messages of one queue to its consumers in turn', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const a = await client.subscribe(queue, { 'activemq.prefetchSize': '2' });
    const b = await client.subscribe(queue, { 'activemq.prefetchSize': '2' });
    await client.sendAll(queue, ['m1', 'm2', 'm3', 'm4']);
    expect([...(await a.bodies(2)), ...(await b.bodies(2))].sort()).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  it('gives every subscriber of a topic a copy, and keeps none for later', async () => {
    const topic = uniqueTopic();
    const client = await broker.client();
    await client.send(topic, 'before');
    const a = await client.subscribe(topic, { ack: 'auto' });
    const b = await client.subscribe(topic, { ack: 'auto' });
    await client.send(topic, 'm1');
    expect([await a.bodies(1), await b.bodies(1)]).toEqual([['m1'], ['m1']]);
    expect(await a.stray()).toEqual([]);
  });

  it('has registered a subscription to a topic when it confirms it', async () => {
    const client = await broker.client();
    const publisher = await broker.client();
    for (let i = 0; i < 20; i++) {
      const topic = uniqueTopic();
      const subscription = await client.subscribe(topic, { ack: 'auto' });
      publisher.post(topic, 'm1');
      expect(text(await subscription.next())).toBe('m1');
    }
  });
});
