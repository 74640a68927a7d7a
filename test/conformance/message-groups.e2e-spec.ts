import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';
import { text, texts } from './support/test-client.js';

const group = (name: string) => ({ JMSXGroupID: name });

describeOnEachBroker('message groups', (broker) => {
  it('gives all messages of a group to one consumer, in order, and shares the groups', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const [a, b] = [await client.subscribe(queue), await client.subscribe(queue)];
    for (let round = 0; round < 3; round++) for (const name of ['g0', 'g1']) await client.send(queue, `${name}-${round}`, group(name));
    const received = [await a.bodies(3), await b.bodies(3)].sort((x, y) => x[0]!.localeCompare(y[0]!));
    expect(received).toEqual([
      ['g0-0', 'g0-1', 'g0-2'],
      ['g1-0', 'g1-1', 'g1-2'],
    ]);
  });

  it('moves a group to another consumer when its own leaves, redelivered', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const a = await client.subscribe(queue);
    await client.sendAll(queue, ['m1', 'm2'], group('g'));
    await a.take(2);
    const b = await client.subscribe(queue);
    await a.unsubscribe();
    const messages = await b.take(2);
    expect([texts(messages), messages.map(({ headers }) => headers['redelivered'])]).toEqual([
      ['m1', 'm2'],
      ['true', 'true'],
    ]);
  });

  it('does not show the group on the delivered message', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    await client.send(queue, 'm1', group('g'));
    expect(Object.keys((await subscription.next()).headers)).not.toContain('JMSXGroupID');
  });

  it('lets a selector see the group', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'of g0', group('g0'));
    await client.send(queue, 'of g1', group('g1'));
    expect(await client.bodiesOn(queue, `JMSXGroupID = 'g1'`)).toEqual(['of g1']);
  });

  it('holds a group back for its consumer although another one has room', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const owner = await client.subscribe(queue, { 'activemq.prefetchSize': '1' });
    await client.send(queue, 'm1', group('g'));
    const first = await owner.next();
    const idle = await client.subscribe(queue);
    await client.send(queue, 'm2', group('g'));
    expect(await idle.stray()).toEqual([]);
    await client.ack(first);
    expect(await owner.bodies(1)).toEqual(['m2']);
  });

  it('closes a group with JMSXGroupSeq -1: its next message may go to another consumer', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const names = ['g0', 'g1', 'g2', 'g3', 'g4', 'g5'];
    const sendAll = async (headers: Record<string, string> = {}) => {
      for (const name of names) await client.send(queue, name, { ...group(name), ...headers });
    };
    const owner = await client.subscribe(queue, { ack: 'auto' });
    await sendAll();
    await owner.take(names.length);
    const other = await client.subscribe(queue, { ack: 'auto' });
    await sendAll({ JMSXGroupSeq: '-1' });
    await owner.take(names.length);
    expect(await other.stray()).toEqual([]);
    await sendAll();
    expect(names).toContain(text(await other.next()));
  });
});
