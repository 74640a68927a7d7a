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

  it('keeps a delayed message back from a temporary queue: a plain one sent behind it comes first, which tells that there is a scheduler', async () => {
    const client = await broker.client();
    const subscription = await client.subscribe('/temp-queue/probe', { ack: 'auto' });
    client.post('/temp-queue/probe', 'delayed', delayed(1));
    await client.send('/temp-queue/probe', 'plain');
    const [first, second] = await subscription.take(2);
    expect([text(first!), text(second!), second!.headers['scheduledJobId'] !== undefined]).toEqual(['plain', 'delayed', true]);
  });

  it('answers BROWSE before it takes the next command of the connection: a plain message sent behind it comes behind every job', async () => {
    const client = await broker.client();
    const mark = unique('mark');
    await client.sendAll(
      uniqueQueue(),
      Array.from({ length: 60 }, (_, n) => `${n}`),
      { ...delayed(3_600_000), mark },
    );
    const replies = await client.subscribe('/temp-queue/jobs', { ack: 'auto' });
    client.post(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': '/temp-queue/jobs' });
    const end = unique('end');
    await client.send('/temp-queue/jobs', end);
    let seen = 0;
    for (let reply = await replies.next(); text(reply) !== end; reply = await replies.next())
      seen += reply.headers['mark'] === mark ? 1 : 0;
    expect(seen).toBe(60);
    expect(await replies.stray()).toEqual([]);
  });

  it('does not show a job whose time to live, counted from the SEND, is over', async () => {
    const mark = unique('mark');
    const client = await broker.client();
    await client.send(uniqueQueue(), 'expired', { ...delayed(3_600_000), mark, expires: String(Date.now() + 1) });
    await client.send(uniqueQueue(), 'alive', { ...delayed(3_600_000), mark, expires: String(Date.now() + 3_600_000) });
    await client.fence();
    expect((await jobs(client, mark)).map(text)).toEqual(['alive']);
  });

  it('lists and removes the jobs that are due between two times, both given', async () => {
    const mark = unique('mark');
    const client = await broker.client();
    for (const hours of [100, 101, 102]) await client.send(uniqueQueue(), `${hours}`, { ...delayed(hours * 3_600_000), mark });
    const at = (hours: number) => String(Date.now() + hours * 3_600_000);
    const range = { ACTION_START_TIME: at(100.5), ACTION_END_TIME: at(101.5) };
    const replies = await client.subscribe('/temp-queue/range', { ack: 'auto' });
    await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': '/temp-queue/range', ...range });
    expect(text(await replies.next())).toBe('101');
    expect(await replies.stray()).toEqual([]);
    await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'REMOVEALL', ...range });
    const later = uniqueQueue();
    await client.send(later, 'last', { ...delayed(200 * 3_600_000), mark });
    await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': '/temp-queue/range' });
    const end = unique('end');
    await client.send('/temp-queue/range', end);
    const left: string[] = [];
    for (let reply = await replies.next(); text(reply) !== end; reply = await replies.next()) {
      if (reply.headers['mark'] === mark) left.push(text(reply));
    }
    expect(left).toEqual(['100', '102', 'last']);
  });

  it('confirms the removal of a job that is not there', async () => {
    const client = await broker.client();
    await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'REMOVE', scheduledJobId: 'ID:nobody' });
    expect(client.session.isOpen).toBe(true);
  });

  it('delivers once for a PERIOD without REPEAT; with a DELAY the first delivery comes after that', async () => {
    const [once, delayedFirst] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    const ofOnce = await client.subscribe(once, { ack: 'auto' });
    const ofDelayed = await client.subscribe(delayedFirst, { ack: 'auto' });
    const before = performance.now();
    await client.send(once, 'once', { AMQ_SCHEDULED_PERIOD: '50' });
    await client.send(delayedFirst, 'first', { ...delayed(700), AMQ_SCHEDULED_PERIOD: '50', AMQ_SCHEDULED_REPEAT: '1' });
    await ofDelayed.next();
    expect(performance.now() - before).toBeGreaterThanOrEqual(690);
    await ofDelayed.next();
    expect(await ofOnce.take(1)).toHaveLength(1);
    expect([await ofOnce.stray(), await ofDelayed.stray()]).toEqual([[], []]);
  });

  it.each([
    ['AMQ_SCHEDULED_REPEAT', '-1'],
    ['AMQ_SCHEDULED_REPEAT', '2147483648'],
    ['AMQ_SCHEDULED_CRON', '* * 0 * *'],
    ['AMQ_SCHEDULED_CRON', '5-1 * * * *'],
    ['AMQ_SCHEDULED_CRON', '*/7,3 * * * *'],
    ['AMQ_SCHEDULED_CRON', '1/2 * * * *'],
    ['AMQ_SCHEDULED_CRON', '0 0 * * MON'],
    ['AMQ_SCHEDULED_CRON', ''],
  ])('closes the connection over %s "%s" without a word', async (name, value) => {
    const client = await broker.client();
    await expect(client.send(uniqueQueue(), 'm1', { ...delayed(3_600_000), [name]: value })).rejects.toThrow('closed by the broker');
  });

  it.each([
    ['delay', delayed(1e15)],
    ['period', { ...delayed(3_600_000), AMQ_SCHEDULED_PERIOD: String(1e15), AMQ_SCHEDULED_REPEAT: '1' }],
  ])('takes a %s of thirty thousand years', async (_, headers) => {
    const mark = unique('mark');
    const client = await broker.client();
    await client.send(uniqueQueue(), 'm1', { ...headers, mark });
    // In the order of their times: it is behind those of others.
    const replies = await client.subscribe('/temp-queue/far', { ack: 'auto' });
    await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': '/temp-queue/far' });
    let job = await replies.next();
    while (job.headers['mark'] !== mark) job = await replies.next();
    expect(job.headers).toMatchObject(headers);
    await client.send(MANAGEMENT, '', { AMQ_SCHEDULER_ACTION: 'REMOVE', scheduledJobId: job.headers['scheduledJobId'] });
  });

  it('refuses more than 1000 repeats with an ERROR, and keeps the connection', async () => {
    const client = await broker.client();
    const series = (repeat: string) => ({ ...delayed(3_600_000), AMQ_SCHEDULED_PERIOD: '1000', AMQ_SCHEDULED_REPEAT: repeat });
    await client.send(uniqueQueue(), 'm1', series('1000'));
    await expect(client.send(uniqueQueue(), 'm1', series('1001'))).rejects.toThrow('The scheduled repeat value is too large');
    await client.send(uniqueQueue(), 'still works');
  });
});
