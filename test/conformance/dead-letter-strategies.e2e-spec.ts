import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue, uniqueTopic } from './support/names.js';
import type { TestClient } from './support/test-client.js';

const short = (queue: string) => queue.replace('/queue/', '');

async function reject(client: TestClient, queue: string, headers: Record<string, string> = {}): Promise<void> {
  await client.send(queue, 'poison', headers);
  const subscription = await client.subscribe(queue);
  await client.nack(await subscription.next());
  await subscription.unsubscribe();
}

describeOnEachBroker('dead letter strategies', (broker) => {
  it('moves to the queue that a shared strategy names', async () => {
    const [queue, mark] = [uniqueQueue('shared'), unique('mark')];
    const client = await broker.client();
    await reject(client, queue, { mark });
    expect(await client.bodiesOn('/queue/SHARED.DLQ', `mark = '${mark}'`)).toEqual(['poison']);
    expect(await client.bodiesOn('/queue/ActiveMQ.DLQ', `mark = '${mark}'`)).toEqual([]);
  });

  it('keeps a non-persistent message with processNonPersistent, makes it persistent and says what it was', async () => {
    const [queue, mark] = [uniqueQueue('shared'), unique('mark')];
    const client = await broker.client();
    await reject(client, queue, { mark, persistent: 'false' });
    const [dead] = await client.browse('/queue/SHARED.DLQ', `mark = '${mark}'`);
    expect(dead?.headers).toMatchObject({ originalDeliveryMode: 'NON_PERSISTENT', persistent: 'true' });
  });

  it('moves to a queue of its own with an individual strategy: prefix and name', async () => {
    const queue = uniqueQueue('individual');
    const client = await broker.client();
    await reject(client, queue);
    const [dead] = await client.browse(`/queue/DLQ.${short(queue)}`);
    expect(dead?.headers['original-destination']).toBe(queue);
  });

  it('moves to name and suffix when the prefix is empty', async () => {
    const queue = uniqueQueue('suffix');
    const client = await broker.client();
    await reject(client, queue);
    expect(await client.bodiesOn(`${queue}.dlq`)).toEqual(['poison']);
  });

  it('publishes dead letters on a topic with useQueueForQueueMessages=false', async () => {
    const queue = uniqueQueue('totopic');
    const client = await broker.client();
    const listener = await client.subscribe(`/topic/DLQ.${short(queue)}`, { ack: 'auto' });
    await reject(client, queue);
    expect(await listener.bodies(1)).toEqual(['poison']);
    expect(await client.bodiesOn(`/queue/DLQ.${short(queue)}`)).toEqual([]);
  });

  it('destroys what is rejected with a discarding strategy, and confirms the NACK all the same', async () => {
    const [queue, mark] = [uniqueQueue('discarded'), unique('mark')];
    const client = await broker.client();
    await reject(client, queue, { mark });
    expect([await client.bodiesOn(queue), await client.bodiesOn('/queue/ActiveMQ.DLQ', `mark = '${mark}'`)]).toEqual([[], []]);
  });

  it('moves what is rejected on an individual dead letter queue without a policy of its own on to ActiveMQ.DLQ', async () => {
    const [queue, mark] = [uniqueQueue('individual'), unique('mark')];
    const client = await broker.client();
    await reject(client, queue, { mark });
    const dead = await client.subscribe(`/queue/DLQ.${short(queue)}`);
    await client.nack(await dead.next());
    const [twice] = await client.browse('/queue/ActiveMQ.DLQ', `mark = '${mark}'`);
    expect(twice?.headers['original-destination']).toBe(`/queue/DLQ.${short(queue)}`);
  });

  it('keeps 3 messages with the same body as 3', async () => {
    const queue = uniqueQueue('individual');
    const client = await broker.client();
    for (let i = 0; i < 3; i++) await reject(client, queue);
    expect(await client.bodiesOn(`/queue/DLQ.${short(queue)}`)).toEqual(['poison', 'poison', 'poison']);
  });

  it('moves what a durable subscriber rejects to a queue of that subscriber with destinationPerDurableSubscriber', async () => {
    const [topic, clientId] = [uniqueTopic('durable'), unique('client')];
    const client = await broker.client({ clientId });
    const subscription = await client.subscribe(topic, { 'activemq.subscriptionName': 'sub' });
    await client.send(topic, 'poison');
    await client.nack(await subscription.next());
    expect(await client.bodiesOn(`/queue/DLT.${topic.replace('/topic/', '')}.${clientId}:sub`)).toEqual(['poison']);
  });
});

describeOnEachBroker('discardingDLQBrokerPlugin', (broker) => {
  it('destroys what the discardingDLQBrokerPlugin names', async () => {
    const [queue, mark] = [uniqueQueue('dropped'), unique('mark')];
    const client = await broker.client();
    await reject(client, queue, { mark });
    expect([await client.bodiesOn(queue), await client.bodiesOn('/queue/ActiveMQ.DLQ', `mark = '${mark}'`)]).toEqual([[], []]);
  });

  it('compares the whole name: a queue whose name only contains it keeps its dead letters', async () => {
    const [queue, mark] = [uniqueQueue('kept.dropped'), unique('mark')];
    const client = await broker.client();
    await reject(client, queue, { mark });
    expect(await client.bodiesOn('/queue/ActiveMQ.DLQ', `mark = '${mark}'`)).toEqual(['poison']);
  });

  it('destroys those of temporary queues unless it is told not to', async () => {
    const mark = unique('mark');
    const client = await broker.client();
    await reject(client, '/temp-queue/replies', { mark });
    expect(await client.bodiesOn('/queue/ActiveMQ.DLQ', `mark = '${mark}'`)).toEqual([]);
  });
});
