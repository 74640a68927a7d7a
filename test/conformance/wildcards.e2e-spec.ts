import { expect, it, vi } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue } from './support/names.js';
import { texts } from './support/test-client.js';

describeOnEachBroker('wildcard subscriptions', (broker) => {
  it('delivers from every queue below a name with >', async () => {
    const family = unique();
    const client = await broker.client();
    const subscription = await client.subscribe(`/queue/${family}.>`);
    await client.send(`/queue/${family}.a`, 'a');
    await client.send(`/queue/${family}.b.c`, 'b.c');
    expect((await subscription.bodies(2)).sort()).toEqual(['a', 'b.c']);
  });

  it('matches exactly one part of a name with *', async () => {
    const family = unique();
    const client = await broker.client();
    const subscription = await client.subscribe(`/queue/${family}.*.c`);
    await client.send(`/queue/${family}.a.b.c`, 'two parts');
    await client.send(`/queue/${family}.c`, 'none');
    await client.send(`/queue/${family}.a.c`, 'one part');
    expect(await subscription.bodies(1)).toEqual(['one part']);
    expect(await subscription.stray()).toEqual([]);
  });

  it('matches the name itself with >', async () => {
    const family = unique();
    const client = await broker.client();
    const subscription = await client.subscribe(`/queue/${family}.>`);
    await client.send(`/queue/${family}`, 'itself');
    expect(await subscription.bodies(1)).toEqual(['itself']);
  });

  it('says on each message which queue it came from', async () => {
    const family = unique();
    const client = await broker.client();
    const subscription = await client.subscribe(`/queue/${family}.>`);
    await client.send(`/queue/${family}.a`, 'a');
    expect((await subscription.next()).headers['destination']).toBe(`/queue/${family}.a`);
  });

  it('delivers what lies on the queues already when its SUBSCRIBE asks for no receipt', async () => {
    const family = unique();
    const client = await broker.client();
    await client.send(`/queue/${family}.a`, 'old a');
    await client.send(`/queue/${family}.b`, 'old b');
    const subscriber = await broker.raw();
    await subscriber.subscribeUnconfirmed(`/queue/${family}.>`);
    expect(texts(await subscriber.frames.take(2)).sort()).toEqual(['old a', 'old b']);
  });

  // With a receipt ActiveMQ raises the prefetch from 0 only after it, and then wakes no queue of a pattern: what lies there comes now or much later.
  it('delivers after a SUBSCRIBE with a receipt what lies on a queue at the latest with the next message of that queue', async () => {
    const family = unique();
    const client = await broker.client();
    await client.send(`/queue/${family}.a`, 'old a');
    await client.send(`/queue/${family}.b`, 'old b');
    const subscription = await client.subscribe(`/queue/${family}.>`);
    await client.send(`/queue/${family}.a`, 'new a');
    await client.send(`/queue/${family}.b`, 'new b');
    expect((await subscription.bodies(4)).sort()).toEqual(['new a', 'new b', 'old a', 'old b']);
  });

  it('takes ACKs, and returns what was not acknowledged to its own queue', async () => {
    const family = unique();
    const client = await broker.client();
    const subscription = await client.subscribe(`/queue/${family}.>`);
    await client.send(`/queue/${family}.a`, 'a');
    await client.send(`/queue/${family}.b`, 'b');
    const [first] = await subscription.take(2);
    await client.ack(first!);
    await subscription.unsubscribe();
    expect([await client.bodiesOn(`/queue/${family}.a`), await client.bodiesOn(`/queue/${family}.b`)]).toEqual([[], ['b']]);
  });

  it('delivers from every topic below a name', async () => {
    const family = unique();
    const client = await broker.client();
    const subscription = await client.subscribe(`/topic/${family}.>`, { ack: 'auto' });
    await client.send(`/topic/${family}.a`, 'a');
    await client.send(`/topic/${family}.b.c`, 'b.c');
    expect(await subscription.bodies(2)).toEqual(['a', 'b.c']);
  });

  it('does not take a queue for a topic of the same name', async () => {
    const family = unique();
    const client = await broker.client();
    const subscription = await client.subscribe(`/topic/${family}.>`, { ack: 'auto' });
    await client.send(`/queue/${family}.a`, 'a');
    expect(await subscription.stray()).toEqual([]);
    expect(await client.bodiesOn(`/queue/${family}.a`)).toEqual(['a']);
  });

  it('shares a queue with a consumer of its name', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const byName = await client.subscribe(queue, { 'activemq.prefetchSize': '1' });
    const byPattern = await client.subscribe(`${queue}.>`, { 'activemq.prefetchSize': '1' });
    await client.sendAll(queue, ['m1', 'm2']);
    expect([...(await byName.bodies(1)), ...(await byPattern.bodies(1))].sort()).toEqual(['m1', 'm2']);
  });
});

describeOnEachBroker('SEND to a pattern', (broker) => {
  it('lies on a queue of that very name, which whoever subscribes or browses below it from then on sees too', async () => {
    const family = unique();
    const client = await broker.client();
    await client.send(`/queue/${family}.a`, 'a');
    const early = await client.subscribe(`/queue/${family}.a`, { ack: 'auto' });
    expect(await early.bodies(1)).toEqual(['a']);
    await client.send(`/queue/${family}.>`, 'to all');
    expect(await early.stray()).toEqual([]);
    expect((await client.browse(`/queue/${family}.b`)).map(({ headers }) => headers['destination'])).toEqual([`/queue/${family}.>`]);
    const late = await client.subscribe(`/queue/${family}.b`, { ack: 'auto' });
    // As with a pattern: what lies there comes at the latest with the next message.
    await client.send(`/queue/${family}.>`, 'once more');
    expect([(await late.bodies(2)).sort(), await early.stray()]).toEqual([['once more', 'to all'], []]);
    expect(await client.bodiesOn(`/queue/${family}.>`)).toEqual([]);
  });

  it('goes to one consumer, not to a copy on each queue', async () => {
    const family = unique();
    const client = await broker.client();
    await client.sendAll(`/queue/${family}.a`, ['a']);
    await client.sendAll(`/queue/${family}.b`, ['b']);
    await client.send(`/queue/${family}.*`, 'to all');
    const [a, b] = [await client.subscribe(`/queue/${family}.a`), await client.subscribe(`/queue/${family}.b`)];
    await client.send(`/queue/${family}.*`, 'once more');
    const heard = async () => [...(await a.stray()), ...(await b.stray())].sort();
    await vi.waitFor(async () => expect(await heard()).toEqual(['a', 'b', 'once more', 'to all']));
  });

  it('reaches of the subscribers of topics those of the pattern, and those of a name who came after the first such SEND', async () => {
    const family = unique();
    const client = await broker.client();
    const early = await client.subscribe(`/topic/${family}.a`, { ack: 'auto' });
    await client.send(`/topic/${family}.>`, 'first');
    const [late, pattern] = [
      await client.subscribe(`/topic/${family}.b`, { ack: 'auto' }),
      await client.subscribe(`/topic/${family}.*`, { ack: 'auto' }),
    ];
    await client.send(`/topic/${family}.>`, 'second');
    expect([await late.bodies(1), await pattern.bodies(1), await early.stray()]).toEqual([['second'], ['second'], []]);
  });
});
