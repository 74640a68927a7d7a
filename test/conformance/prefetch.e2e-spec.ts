import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';
import { text } from './support/test-client.js';

const prefetch = (size: number | string) => ({ 'activemq.prefetchSize': String(size) });
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${index + 1}`);

describeOnEachBroker('prefetch', (broker) => {
  it('sends with prefetch 1 one message, and the next one for each ACK', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(3));
    const subscription = await client.subscribe(queue, prefetch(1));
    const first = await subscription.next();
    expect(await subscription.stray()).toEqual([]);
    await client.ack(first);
    expect(text(await subscription.next())).toBe('m2');
    expect(await subscription.stray()).toEqual([]);
  });

  it('sends with prefetch 3 three unacknowledged messages', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(5));
    const subscription = await client.subscribe(queue, prefetch(3));
    expect(await subscription.bodies(3)).toEqual(['m1', 'm2', 'm3']);
    expect(await subscription.stray()).toEqual([]);
  });

  it('gives a slot back for a NACK as well', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(2), { persistent: 'false' });
    const subscription = await client.subscribe(queue, prefetch(1));
    await client.nack(await subscription.next());
    expect(text(await subscription.next())).toBe('m2');
  });

  it('never delivers anything with prefetch 0', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue, prefetch(0));
    await client.send(queue, 'm2');
    expect(await subscription.stray()).toEqual([]);
    expect(await client.bodiesOn(queue)).toEqual(['m1', 'm2']);
  });

  it('dispatches only 200 of a longer queue unacknowledged, a page, although the default prefetch is 1000', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(700), { persistent: 'false' });
    const consumer = await broker.raw();
    await consumer.subscribeUnconfirmed(queue, 'client');
    await consumer.frames.take(200);
    await client.fence();
    expect(consumer.frames.size).toBe(0);
  });

  // With a receipt ActiveMQ subscribes with prefetch 0 and raises it after the receipt: a page more may have been read meanwhile.
  it('dispatches one page or several of a longer queue, up to 1000, after a SUBSCRIBE with a receipt', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(1_300), { persistent: 'false' });
    const subscription = await client.subscribe(queue);
    await subscription.take(200);
    const more = await subscription.stray();
    expect([0, 200, 400, 600, 800]).toContain(more.length);
  });

  it('dispatches 1000 where the policy has a larger page', async () => {
    const queue = uniqueQueue('paged');
    const client = await broker.client();
    await client.sendAll(queue, numbered(1_050), { persistent: 'false' });
    const subscription = await client.subscribe(queue);
    await subscription.take(1_000);
    expect(await subscription.stray()).toEqual([]);
  });

  it('lets the first of two consumers have everything with the default prefetch', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(6));
    const first = await client.subscribe(queue);
    await first.take(6);
    const second = await client.subscribe(queue);
    expect(await second.stray()).toEqual([]);
  });

  it('shares the load between two consumers with prefetch 1', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(6));
    const first = await client.subscribe(queue, prefetch(1));
    const second = await client.subscribe(queue, prefetch(1));
    expect([await first.bodies(1), await second.bodies(1)].flat().sort()).toEqual(['m1', 'm2']);
    expect(await first.stray()).toEqual([]);
    expect(await second.stray()).toEqual([]);
  });

  it('confirms a prefetch that is no number, and ignores it', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(2));
    const subscription = await client.subscribe(queue, prefetch('many'));
    expect(await subscription.bodies(2)).toEqual(['m1', 'm2']);
  });

  it('gives the slot of a message back as soon as its ACK stands in an open transaction', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(3));
    const subscription = await client.subscribe(queue, prefetch(1));
    const transaction = await client.begin();
    await client.ack(await subscription.next(), transaction);
    expect(text(await subscription.next())).toBe('m2');
    expect(await subscription.stray()).toEqual([]);
  });

  it('counts the message of an aborted ACK again: nothing new comes until both are acknowledged', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(3));
    const subscription = await client.subscribe(queue, prefetch(1));
    const first = await subscription.next();
    const transaction = await client.begin();
    await client.ack(first, transaction);
    const second = await subscription.next();
    await client.abort(transaction);
    await client.ack(first);
    expect(await subscription.stray()).toEqual([]);
    await client.ack(second);
    expect(text(await subscription.next())).toBe('m3');
  });
});
