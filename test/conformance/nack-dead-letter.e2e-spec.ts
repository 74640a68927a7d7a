import { expect, it } from 'vitest';
import type { StompFrame } from '../../libs/activemq/src/stomp/frame.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue, uniqueTopic } from './support/names.js';
import type { OutgoingHeaders } from '../../libs/activemq/src/stomp/stomp-session.js';
import type { TestClient } from './support/test-client.js';

const DLQ = '/queue/ActiveMQ.DLQ';

/** Sends one message with a mark of its own, rejects it, and gives the mark as a selector for the dead letter queue. */
async function sendAndNack(client: TestClient, queue: string, headers: OutgoingHeaders = {}): Promise<string> {
  const mark = unique('mark');
  await client.send(queue, 'poison', { mark, ...headers });
  const subscription = await client.subscribe(queue, { selector: `mark = '${mark}'` });
  await client.nack(await subscription.next());
  expect(await subscription.stray()).toEqual([]);
  await subscription.unsubscribe();
  return `mark = '${mark}'`;
}

async function onlyOne(messages: Promise<StompFrame[]>): Promise<StompFrame> {
  const [message, ...others] = await messages;
  expect({ found: message !== undefined, others }).toEqual({ found: true, others: [] });
  return message!;
}

describeOnEachBroker('NACK and the dead letter queue', (broker) => {
  it('moves a message to ActiveMQ.DLQ on its first NACK and never delivers it again', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const mark = await sendAndNack(client, queue);
    expect(await client.bodiesOn(queue)).toEqual([]);
    expect(await client.bodiesOn(DLQ, mark)).toEqual(['poison']);
  });

  it('keeps message-id, body, correlation-id, reply-to, priority and own headers on the dead letter', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const headers = { 'correlation-id': 'c1', 'reply-to': '/queue/answers', priority: '7', type: 'order', own: 'kept', mark: unique() };
    await client.send(queue, 'body', headers);
    const subscription = await client.subscribe(queue);
    const message = await subscription.next();
    await client.nack(message);
    const dead = await onlyOne(client.browse(DLQ, `mark = '${headers.mark}'`));
    expect(dead.headers).toMatchObject({ ...headers, 'message-id': message.headers['message-id'], persistent: 'true' });
    expect(dead.body.toString()).toBe('body');
  });

  it('writes on a dead letter where it came from', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const dead = await onlyOne(client.browse(DLQ, await sendAndNack(client, queue)));
    expect(dead.headers).toMatchObject({ 'original-destination': queue, destination: DLQ });
  });

  it('remembers on the dead letter when the message would have expired, and lets it live for ever', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const expires = String(Date.now() + 3_600_000);
    const dead = await onlyOne(client.browse(DLQ, await sendAndNack(client, queue, { expires })));
    expect({ expires: dead.headers['expires'] ?? '0', originally: dead.headers['originalExpiration'] }).toEqual({
      expires: '0',
      originally: expires,
    });
  });

  it('says nowhere on the dead letter why, how often, or that it was redelivered', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const dead = await onlyOne(client.browse(DLQ, await sendAndNack(client, queue)));
    expect(Object.keys(dead.headers)).not.toEqual(expect.arrayContaining(['dlqDeliveryFailureCause']));
    expect(Object.keys(dead.headers)).not.toEqual(expect.arrayContaining(['redelivered']));
    expect(Object.keys(dead.headers).filter((name) => /count/i.test(name))).toEqual([]);
  });

  it('loses the headers of the NACK frame', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const mark = unique('mark');
    await client.send(queue, 'poison', { mark });
    const subscription = await client.subscribe(queue);
    await client.nack(await subscription.next(), { message: 'because', why: 'because' });
    const dead = await onlyOne(client.browse(DLQ, `mark = '${mark}'`));
    expect(Object.values(dead.headers)).not.toContain('because');
  });

  it('drops a non-persistent message that is NACKed, without a word', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const mark = await sendAndNack(client, queue, { persistent: 'false' });
    expect([await client.bodiesOn(queue), await client.bodiesOn(DLQ, mark)]).toEqual([[], []]);
  });

  it('takes a NACK with ack:client for that one message only', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const mark = unique('mark');
    await client.sendAll(queue, ['m1', 'm2', 'm3', 'm4'], { mark });
    const subscription = await client.subscribe(queue, { ack: 'client' });
    const messages = await subscription.take(4);
    await client.nack(messages[2]!);
    await subscription.unsubscribe();
    expect(await client.bodiesOn(queue)).toEqual(['m1', 'm2', 'm4']);
    expect(await client.bodiesOn(DLQ, `mark = '${mark}'`)).toEqual(['m3']);
  });

  it('destroys a message that is NACKed on ActiveMQ.DLQ itself', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const mark = await sendAndNack(client, queue);
    const dead = await client.subscribe(DLQ, { selector: mark });
    await client.nack(await dead.next());
    await dead.unsubscribe();
    expect(await client.bodiesOn(DLQ, mark)).toEqual([]);
  });

  it('moves the message of a durable subscriber to ActiveMQ.DLQ', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const subscription = await client.subscribe(topic, { 'activemq.subscriptionName': 'sub' });
    const mark = unique('mark');
    await client.send(topic, 'poison', { mark });
    await client.nack(await subscription.next());
    const dead = await onlyOne(client.browse(DLQ, `mark = '${mark}'`));
    expect(dead.headers['original-destination']).toBe(topic);
  });

  it('loses the message of a non-durable topic subscriber that NACKs', async () => {
    const topic = uniqueTopic();
    const client = await broker.client();
    const subscription = await client.subscribe(topic);
    const mark = unique('mark');
    await client.send(topic, 'poison', { mark });
    await client.nack(await subscription.next());
    expect(await client.bodiesOn(DLQ, `mark = '${mark}'`)).toEqual([]);
  });

  it('never takes the same message-id into a dead letter queue twice, and counts every SEND as a new one', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const mark = unique('mark');
    await client.sendAll(queue, ['same', 'same', 'same'], { mark });
    const subscription = await client.subscribe(queue);
    for (const message of await subscription.take(3)) await client.nack(message);
    expect(await client.bodiesOn(DLQ, `mark = '${mark}'`)).toEqual(['same', 'same', 'same']);
  });

  it('sends a dead letter back in one transaction, as a message with a new message-id', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const selector = await sendAndNack(client, queue);
    const subscription = await client.subscribe(DLQ, { selector });
    const dead = await subscription.next();
    const transaction = await client.begin();
    await client.send(dead.headers['original-destination']!, dead.body.toString(), { transaction });
    await client.ack(dead, transaction);
    await client.commit(transaction);
    const back = await onlyOne(client.browse(queue));
    expect(back.headers['message-id']).not.toBe(dead.headers['message-id']);
    expect(await client.bodiesOn(DLQ, selector)).toEqual([]);
  });
});
