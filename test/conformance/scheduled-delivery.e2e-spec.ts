import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue, uniqueTopic } from './support/names.js';
import type { StompFrame } from '../../libs/activemq/src/stomp/frame.js';
import { type TestClient, text } from './support/test-client.js';

/** Ms between two looks of ActiveMQ at its schedule, and what a loaded machine may add. */
const TICK = 500;
const LOADED = 2_000;
const MANAGEMENT = '/topic/ActiveMQ.Scheduler.Management';

const delayed = (ms: number | string) => ({ AMQ_SCHEDULED_DELAY: String(ms) });

/** The jobs whose header `mark` is this; nothing marks their end, so a job of our own, scheduled last, does. */
async function jobs(client: TestClient, mark: string): Promise<StompFrame[]> {
  const end = unique('end');
  await client.send(uniqueQueue(), 'end', { ...delayed(3_600_000), mark: end });
  const replies = await client.subscribe('/temp-queue/jobs', { ack: 'auto' });
  await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': '/temp-queue/jobs' });
  const found: StompFrame[] = [];
  for (let reply = await replies.next(); reply.headers['mark'] !== end; reply = await replies.next()) {
    if (reply.headers['mark'] === mark) found.push(reply);
  }
  await replies.unsubscribe();
  return found;
}

describeOnEachBroker('scheduled delivery', (broker) => {
  it('confirms at once and delivers after the delay, a tick late at most', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    const before = performance.now();
    await client.send(queue, 'm1', delayed(600));
    const confirmed = performance.now() - before;
    await subscription.next();
    const delivered = performance.now() - before;
    expect(confirmed).toBeLessThan(500);
    expect(delivered).toBeGreaterThanOrEqual(590);
    expect(delivered).toBeLessThan(600 + TICK + LOADED);
  });

  it('delivers without the delay and with a job id, under the message-id and timestamp of the SEND', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    const sentAt = Date.now();
    await client.send(queue, 'm1', delayed(700));
    const { headers } = await subscription.next();
    expect(Object.keys(headers)).not.toContain('AMQ_SCHEDULED_DELAY');
    expect(headers['scheduledJobId']).toMatch(/^ID:/);
    expect(Math.abs(Number(headers['timestamp']) - sentAt)).toBeLessThan(600);
  });

  it('repeats: REPEAT n makes n + 1 deliveries, each with a message-id of its own', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue, { ack: 'auto' });
    await client.send(queue, 'm1', { AMQ_SCHEDULED_PERIOD: '100', AMQ_SCHEDULED_REPEAT: '2' });
    const messages = await subscription.take(3);
    expect(new Set(messages.map(({ headers }) => headers['message-id'])).size).toBe(3);
    expect(new Set(messages.map(({ headers }) => headers['scheduledJobId'])).size).toBe(1);
  });

  it('does not schedule again a copy with all headers of a delivered message', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    await client.send(queue, 'm1', delayed(1));
    const first = await subscription.next();
    await client.send(queue, 'copy', { scheduledJobId: first.headers['scheduledJobId'] });
    expect(text(await subscription.next(400))).toBe('copy');
  });

  it('does not schedule a SEND that carries the job id of an earlier one: it is delivered at once, with its delay still on it', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    await client.send(queue, 'm1', delayed(1));
    const first = await subscription.next();
    await client.send(queue, 'retry', { ...delayed(3_600_000), scheduledJobId: first.headers['scheduledJobId'] });
    const retry = await subscription.next();
    expect([text(retry), retry.headers['AMQ_SCHEDULED_DELAY']]).toEqual(['retry', '3600000']);
  });

  it('lists the jobs with their headers, and removes one by its id', async () => {
    const mark = unique('mark');
    const client = await broker.client();
    await client.send(uniqueQueue(), 'm1', { ...delayed(3_600_000), mark });
    const [job, ...others] = await jobs(client, mark);
    expect(others).toEqual([]);
    expect(text(job!)).toBe('m1');
    expect(job!.headers['scheduledJobId']).toMatch(/^ID:/);
    await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'REMOVE', scheduledJobId: job!.headers['scheduledJobId'] });
    expect(await jobs(client, mark)).toEqual([]);
  });

  it('schedules a SEND of a transaction on COMMIT only', async () => {
    const mark = unique('mark');
    const client = await broker.client();
    const transaction = await client.begin();
    await client.send(uniqueQueue(), 'm1', { ...delayed(3_600_000), mark, transaction });
    expect(await jobs(client, mark)).toEqual([]);
    await client.commit(transaction);
    expect(await jobs(client, mark)).toHaveLength(1);
  });

  it('schedules nothing on ABORT, and keeps the message that was acknowledged in the same transaction', async () => {
    const [queue, mark] = [uniqueQueue(), unique('mark')];
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    const transaction = await client.begin();
    await client.send(queue, 'retry', { ...delayed(3_600_000), mark, transaction });
    await client.ack(await subscription.next(), transaction);
    await client.abort(transaction);
    expect(await jobs(client, mark)).toEqual([]);
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it('counts the delay from COMMIT', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    const transaction = await client.begin();
    await client.send(queue, 'm1', { ...delayed(800), transaction });
    for (const until = performance.now() + 400; performance.now() < until;) await client.fence();
    const committedAt = performance.now();
    await client.commit(transaction);
    await subscription.next();
    expect(performance.now() - committedAt).toBeGreaterThanOrEqual(790);
  });

  it('moves and delays a message in one transaction', async () => {
    const [from, to] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.send(from, 'm1');
    const subscription = await client.subscribe(from);
    const transaction = await client.begin();
    await client.send(to, 'retry', { ...delayed(200), transaction });
    await client.ack(await subscription.next(), transaction);
    await client.commit(transaction);
    expect([await client.bodiesOn(from), await client.bodiesOn(to)]).toEqual([[], []]);
    const retried = await client.subscribe(to);
    expect(text(await retried.next())).toBe('retry');
  });

  it('schedules for a topic', async () => {
    const topic = uniqueTopic();
    const client = await broker.client();
    const subscription = await client.subscribe(topic, { ack: 'auto' });
    await client.send(topic, 'm1', delayed(1));
    expect(text(await subscription.next())).toBe('m1');
  });

  it('schedules for a composite and for a virtual topic', async () => {
    const [a, b, topic] = [uniqueQueue(), uniqueQueue(), unique('VirtualTopic')];
    const client = await broker.client();
    const consumer = await client.subscribe(`/queue/Consumer.A.${topic}`);
    const [ofA, ofB] = [await client.subscribe(a), await client.subscribe(b)];
    await client.send(`${a},${b}`, 'composite', delayed(1));
    await client.send(`/topic/${topic}`, 'virtual', delayed(1));
    expect([await ofA.bodies(1), await ofB.bodies(1), await consumer.bodies(1)]).toEqual([['composite'], ['composite'], ['virtual']]);
  });

  it('keeps a non-persistent message non-persistent', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    await client.send(queue, 'm1', { ...delayed(1), persistent: 'false' });
    expect((await subscription.next()).headers['persistent'] ?? 'false').toBe('false');
  });

  it('counts the time to live from the delivery, not from the SEND', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    const expires = Date.now() + 300;
    await client.send(queue, 'm1', { ...delayed(600), expires: String(expires) });
    const { headers } = await subscription.next();
    expect(Number(headers['expires'])).toBeGreaterThan(expires);
  });

  it('delivers with delay 0 at once, through the scheduler', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    await client.send(queue, 'm1', delayed(0));
    expect((await subscription.next()).headers['scheduledJobId']).toMatch(/^ID:/);
  });
});
