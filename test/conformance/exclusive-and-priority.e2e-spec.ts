import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';

const ONE = { 'activemq.prefetchSize': '1' };

describeOnEachBroker('exclusive consumers and priorities', (broker) => {
  it('gives an exclusive consumer everything', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const first = await client.subscribe(queue, { 'activemq.exclusive': 'true' });
    const second = await client.subscribe(queue, { 'activemq.exclusive': 'true' });
    await client.sendAll(queue, ['m1', 'm2', 'm3', 'm4']);
    expect(await first.bodies(4)).toEqual(['m1', 'm2', 'm3', 'm4']);
    expect(await second.stray()).toEqual([]);
  });

  it('goes over to the next exclusive consumer when the first one leaves, redelivered', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const first = await client.subscribe(queue, { 'activemq.exclusive': 'true' });
    const second = await client.subscribe(queue, { 'activemq.exclusive': 'true' });
    await client.send(queue, 'm1');
    await first.next();
    await first.unsubscribe();
    expect((await second.next()).headers['redelivered']).toBe('true');
  });

  it('gives the consumer with the higher activemq.priority everything while it has room', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const low = await client.subscribe(queue, { 'activemq.priority': '0' });
    const high = await client.subscribe(queue, { 'activemq.priority': '10' });
    await client.sendAll(queue, ['m1', 'm2', 'm3']);
    expect(await high.bodies(3)).toEqual(['m1', 'm2', 'm3']);
    expect(await low.stray()).toEqual([]);
  });

  it('gives the consumer with the lower priority what the other has no room for', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const low = await client.subscribe(queue, { 'activemq.priority': '0' });
    const high = await client.subscribe(queue, { 'activemq.priority': '10', ...ONE });
    await client.sendAll(queue, ['m1', 'm2']);
    expect(await high.bodies(1)).toEqual(['m1']);
    expect(await low.bodies(1)).toEqual(['m2']);
  });

  it('ignores the priority of messages by default', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    for (const priority of ['1', '9', '4']) await client.send(queue, `p${priority}`, { priority });
    const subscription = await client.subscribe(queue);
    expect(await subscription.bodies(3)).toEqual(['p1', 'p9', 'p4']);
  });

  it('delivers by priority where the policy says prioritizedMessages', async () => {
    const queue = uniqueQueue('prioritized');
    const client = await broker.client();
    for (const priority of ['1', '9', '4']) await client.send(queue, `p${priority}`, { priority });
    const subscription = await client.subscribe(queue);
    expect(await subscription.bodies(3)).toEqual(['p9', 'p4', 'p1']);
  });

  it('writes priority 4 on a message that was sent without one', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const [message] = await client.browse(queue);
    expect(message?.headers['priority']).toBe('4');
  });
});
