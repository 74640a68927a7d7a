import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique } from './support/names.js';
import type { Subscription } from './support/subscription.js';
import { type TestClient, text } from './support/test-client.js';

const REPLIES = '/temp-queue/statistics';

/** Where answers come as JSON. */
async function jsonReplies(client: TestClient): Promise<Subscription> {
  return client.subscribe(REPLIES, { ack: 'auto', transformation: 'jms-map-json' });
}

async function ask(client: TestClient, about: string, headers: Record<string, string> = {}): Promise<void> {
  await client.send(`/queue/ActiveMQ.Statistics.${about}`, '', { 'reply-to': REPLIES, persistent: 'false', ...headers });
}

/** `{"map":{"entry":[{"string":"size","long":3},{"string":["name","value"]}]}}` as an object. */
function entries(json: string): Record<string, string | number> {
  const { map } = JSON.parse(json) as { map: { entry: Record<string, unknown>[] } };
  return Object.fromEntries(
    map.entry.map(({ string, ...value }) => (Array.isArray(string) ? string : [string, Object.values(value)[0]])) as [
      string,
      string | number,
    ][],
  );
}

describeOnEachBroker('statistics', (broker) => {
  it('answers a query about a queue with its figures, as JSON when asked for', async () => {
    const queue = unique();
    const client = await broker.client();
    await client.sendAll(`/queue/${queue}`, ['m1', 'm2', 'm3']);
    const consumer = await client.subscribe(`/queue/${queue}`, { 'activemq.prefetchSize': '1' });
    await client.ack(await consumer.next());
    await consumer.next();
    const replies = await jsonReplies(client);
    await ask(client, `Destination.${queue}`);
    expect(entries(text(await replies.next()))).toMatchObject({
      destinationName: `queue://${queue}`,
      size: 2,
      enqueueCount: 3,
      dequeueCount: 1,
      inflightCount: 1,
      consumerCount: 1,
      expiredCount: 0,
    });
  });

  it('answers a query to a topic about a queue that is named as JMS prints it, before the next message of the same connection', async () => {
    const queue = unique();
    const client = await broker.client();
    await client.sendAll(`/queue/${queue}`, ['m1', 'm2']);
    const replies = await jsonReplies(client);
    await client.send(`/topic/ActiveMQ.Statistics.Destination.queue://${queue}`, '', {
      'reply-to': REPLIES,
      persistent: 'false',
      'correlation-id': 'q1',
    });
    await client.send(REPLIES, 'fence', { persistent: 'false' });
    const [answer, fence] = await replies.take(2);
    expect(entries(text(answer!))).toMatchObject({ destinationName: `queue://${queue}`, size: 2 });
    expect([answer!.headers['correlation-id'], text(fence!)]).toEqual(['q1', 'fence']);
  });

  it('answers as XML when no transformation is asked for', async () => {
    const queue = unique();
    const client = await broker.client();
    await client.send(`/queue/${queue}`, 'm1');
    const replies = await client.subscribe(REPLIES, { ack: 'auto' });
    await ask(client, `Destination.${queue}`);
    expect(text(await replies.next())).toMatch(/^<map>/);
  });

  it('answers a query with > with one message for each queue: the list of all queues with their depths', async () => {
    const family = unique('listed');
    const client = await broker.client();
    for (const name of ['a', 'b', 'c']) await client.send(`/queue/${family}.${name}`, name);
    const replies = await jsonReplies(client);
    await ask(client, `Destination.${family}.>`);
    const names = (await replies.bodies(3)).map((json) => String(entries(json)['destinationName']));
    expect(names.sort((a, b) => a.localeCompare(b))).toEqual(['a', 'b', 'c'].map((name) => `queue://${family}.${name}`));
  });

  it('ends the list with an empty map when asked to', async () => {
    const family = unique('listed');
    const client = await broker.client();
    await client.send(`/queue/${family}.a`, 'm1');
    const replies = await jsonReplies(client);
    await ask(client, `Destination.${family}.>`, { 'ActiveMQ.Statistics.Destination.List.End.With.Null': 'true' });
    const [, end] = await replies.bodies(2);
    expect(end).toBe('{"map":""}');
  });

  it('does not answer a query about a queue that does not exist', async () => {
    const client = await broker.client();
    const replies = await jsonReplies(client);
    await ask(client, `Destination.${unique('nobody')}`);
    expect(await replies.stray()).toEqual([]);
  });

  it('answers a query about the broker', async () => {
    const client = await broker.client();
    const replies = await jsonReplies(client);
    await ask(client, 'Broker');
    const answer = entries(text(await replies.next()));
    expect(Object.keys(answer)).toEqual(
      expect.arrayContaining(['brokerName', 'size', 'enqueueCount', 'memoryPercentUsage', 'storePercentUsage', 'tempPercentUsage']),
    );
  });
});
