import { expect, it } from 'vitest';
import { expected } from './support/differences.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique } from './support/names.js';
import type { TestClient } from './support/test-client.js';

/** Two consumers reject their copies of one message, the second after the first one's dead letter was drained. */
async function rejectBothCopies(client: TestClient, family: string): Promise<{ topic: string; mark: string }> {
  const topic = unique(`VirtualTopic${family}`);
  const mark = unique('mark');
  const a = await client.subscribe(`/queue/Consumer.A.${topic}`);
  const b = await client.subscribe(`/queue/Consumer.B.${topic}`);
  await client.send(`/topic/${topic}`, 'poison', { mark });
  await client.nack(await a.next());
  await client.nack(await b.next());
  return { topic, mark: `mark = '${mark}'` };
}

describeOnEachBroker('virtual topics', (broker) => {
  it('gives each consumer queue a copy, and shares it among its consumers', async () => {
    const topic = unique('VirtualTopic');
    const client = await broker.client();
    const prefetch = { 'activemq.prefetchSize': '1' };
    const a1 = await client.subscribe(`/queue/Consumer.A.${topic}`, prefetch);
    const a2 = await client.subscribe(`/queue/Consumer.A.${topic}`, prefetch);
    const b = await client.subscribe(`/queue/Consumer.B.${topic}`);
    await client.sendAll(`/topic/${topic}`, ['m1', 'm2']);
    expect([...(await a1.bodies(1)), ...(await a2.bodies(1))].sort()).toEqual(['m1', 'm2']);
    expect(await b.bodies(2)).toEqual(['m1', 'm2']);
  });

  it('still serves plain subscribers of the topic', async () => {
    const topic = unique('VirtualTopic');
    const client = await broker.client();
    const plain = await client.subscribe(`/topic/${topic}`, { ack: 'auto' });
    const queue = await client.subscribe(`/queue/Consumer.A.${topic}`);
    await client.send(`/topic/${topic}`, 'm1');
    expect([await plain.bodies(1), await queue.bodies(1)]).toEqual([['m1'], ['m1']]);
  });

  it('keeps messages for a consumer queue once it exists', async () => {
    const topic = unique('VirtualTopic');
    const client = await broker.client();
    const first = await client.subscribe(`/queue/Consumer.A.${topic}`);
    await first.unsubscribe();
    await client.send(`/topic/${topic}`, 'm1');
    expect(await client.bodiesOn(`/queue/Consumer.A.${topic}`)).toEqual(['m1']);
  });

  it('keeps nothing for a consumer queue that does not exist yet', async () => {
    const topic = unique('VirtualTopic');
    const client = await broker.client();
    await client.send(`/topic/${topic}`, 'm1');
    const late = await client.subscribe(`/queue/Consumer.A.${topic}`);
    expect(await late.stray()).toEqual([]);
  });

  it('writes the queue on a copy as its destination', async () => {
    const topic = unique('VirtualTopic');
    const client = await broker.client();
    const subscription = await client.subscribe(`/queue/Consumer.A.${topic}`);
    await client.send(`/topic/${topic}`, 'm1');
    expect((await subscription.next()).headers['destination']).toBe(`/queue/Consumer.A.${topic}`);
  });

  it('gives all copies one message-id', async () => {
    const topic = unique('VirtualTopic');
    const client = await broker.client();
    const a = await client.subscribe(`/queue/Consumer.A.${topic}`);
    const b = await client.subscribe(`/queue/Consumer.B.${topic}`);
    await client.send(`/topic/${topic}`, 'm1');
    expect((await a.next()).headers['message-id']).toBe((await b.next()).headers['message-id']);
  });

  it('loses the second of two rejected copies in the shared dead letter queue', async () => {
    const client = await broker.client();
    const { mark } = await rejectBothCopies(client, '');
    expect(await client.bodiesOn('/queue/ActiveMQ.DLQ', mark)).toEqual(['poison']);
  });

  it('loses the second of two rejected copies also after the dead letter queue was drained', async () => {
    const topic = unique('VirtualTopic');
    const client = await broker.client();
    const mark = unique('mark');
    const a = await client.subscribe(`/queue/Consumer.A.${topic}`);
    const b = await client.subscribe(`/queue/Consumer.B.${topic}`);
    await client.send(`/topic/${topic}`, 'poison', { mark });
    const dead = await client.subscribe('/queue/ActiveMQ.DLQ', { selector: `mark = '${mark}'` });
    await client.nack(await a.next());
    await client.ack(await dead.next());
    await client.nack(await b.next());
    expect(await dead.stray()).toEqual([]);
  });

  it('keeps of two copies rejected into individual dead letter queues one or both, by version', async () => {
    const client = await broker.client();
    const { topic } = await rejectBothCopies(client, '.individual');
    const dead = [await client.bodiesOn(`/queue/DLQ.Consumer.A.${topic}`), await client.bodiesOn(`/queue/DLQ.Consumer.B.${topic}`)];
    expect(dead.flat()).toHaveLength(expected('deadLetterAudit', broker));
  });

  it('keeps both rejected copies where the strategy has enableAudit=false', async () => {
    const client = await broker.client();
    const { topic } = await rejectBothCopies(client, '.unaudited');
    expect(await client.bodiesOn(`/queue/DLQ.Consumer.A.${topic}`)).toEqual(['poison']);
    expect(await client.bodiesOn(`/queue/DLQ.Consumer.B.${topic}`)).toEqual(['poison']);
  });
});
