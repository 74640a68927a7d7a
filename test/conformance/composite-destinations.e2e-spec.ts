import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue, uniqueTopic } from './support/names.js';
import { text, texts } from './support/test-client.js';

describeOnEachBroker('composite destinations', (broker) => {
  it('sends to two queues at once', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.send(`${a},${b}`, 'm1');
    expect([await client.bodiesOn(a), await client.bodiesOn(b)]).toEqual([['m1'], ['m1']]);
  });

  it('takes a member without a prefix for a queue when the first is one', async () => {
    const [a, b] = [uniqueQueue(), unique()];
    const client = await broker.client();
    await client.send(`${a},${b}`, 'm1');
    expect(await client.bodiesOn(`/queue/${b}`)).toEqual(['m1']);
  });

  it('sends to a queue and a topic at once', async () => {
    const [queue, topic] = [uniqueQueue(), uniqueTopic()];
    const client = await broker.client();
    const subscription = await client.subscribe(topic, { ack: 'auto' });
    await client.send(`${queue},${topic}`, 'm1');
    expect(text(await subscription.next())).toBe('m1');
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it('gives all copies one message-id', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.send(`${a},${b}`, 'm1');
    const [[copyOfA], [copyOfB]] = [await client.browse(a), await client.browse(b)];
    expect(copyOfA?.headers['message-id']).toBe(copyOfB?.headers['message-id']);
  });

  it('writes the whole composite on each copy as its original destination', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.send(`${a},${b}`, 'm1');
    const [copy] = await client.browse(b);
    expect(copy?.headers).toMatchObject({ destination: b, 'original-destination': `${a},${b.replace('/queue/', 'queue://')}` });
  });

  it('keeps one of two rejected copies only: the dead letter queue knows their message-id already', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    const mark = unique('mark');
    await client.send(`${a},${b}`, 'm1', { mark });
    for (const queue of [a, b]) {
      const subscription = await client.subscribe(queue);
      await client.nack(await subscription.next());
    }
    expect(await client.bodiesOn('/queue/ActiveMQ.DLQ', `mark = '${mark}'`)).toEqual(['m1']);
  });

  it('delivers to a subscription to two queues what is sent after it, and takes its ACKs', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    const subscription = await client.subscribe(`${a},${b}`);
    await client.send(a, 'a');
    await client.send(b, 'b');
    const messages = await subscription.take(2);
    expect(texts(messages).sort()).toEqual(['a', 'b']);
    for (const message of messages) await client.ack(message);
    await subscription.unsubscribe();
    expect([await client.bodiesOn(a), await client.bodiesOn(b)]).toEqual([[], []]);
  });

  it('delivers to a subscription to two queues what lies there already when its SUBSCRIBE asks for no receipt', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.send(a, 'old a');
    await client.send(b, 'old b');
    const subscriber = await broker.raw();
    await subscriber.subscribeUnconfirmed(`${a},${b}`);
    expect(texts(await subscriber.frames.take(2)).sort()).toEqual(['old a', 'old b']);
  });

  it('delivers after a SUBSCRIBE with a receipt what lies there already at the latest with the next message of that queue', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.send(a, 'old a');
    await client.send(b, 'old b');
    const subscription = await client.subscribe(`${a},${b}`);
    await client.send(a, 'new a');
    await client.send(b, 'new b');
    expect((await subscription.bodies(4)).sort()).toEqual(['new a', 'new b', 'old a', 'old b']);
  });
});
