import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { ManualClock } from './broker/manual-clock.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('scheduled delivery', () => {
  const start = 1_700_000_000_200;
  let clock: ManualClock;
  let broker: EmbeddedBroker;
  let client: StompClient;

  beforeEach(async () => {
    clock = new ManualClock(start);
    broker = await startBroker({ clock });
    client = await StompClient.connect(broker);
    await client.subscribe('1', '/queue/q', { ack: 'auto' });
  });
  afterEach(() => broker.stop());

  it('is never early, and up to a tick of 500 ms late', async () => {
    await client.send('/queue/q', 'x', { AMQ_SCHEDULED_DELAY: '900' });
    clock.advance(1199);
    expect(await client.rest()).toEqual([]);
    clock.advance(1);
    const { headers } = await client.message();
    expect(headers).not.toHaveProperty('AMQ_SCHEDULED_DELAY');
    expect(headers['scheduledJobId']).toMatch(/^ID:/);
    expect(headers['timestamp']).toBe(String(start));
  });

  it.each([
    ['delay', { AMQ_SCHEDULED_DELAY: '1000000000000000' }],
    ['period', { AMQ_SCHEDULED_DELAY: '1000', AMQ_SCHEDULED_PERIOD: '1000000000000000', AMQ_SCHEDULED_REPEAT: '1' }],
    ['delay that ends beyond the dates of JavaScript', { AMQ_SCHEDULED_DELAY: '9000000000000000' }],
  ])('takes a %s, thousands of years, and keeps the other jobs on time', async (_, headers) => {
    await client.send('/queue/q', 'far', headers);
    await client.send('/queue/q', 'near', { AMQ_SCHEDULED_DELAY: '2000' });
    clock.advance(86_400_000 * 60);
    const bodies = [];
    for (const expected of 'AMQ_SCHEDULED_PERIOD' in headers ? ['far', 'near'] : ['near']) {
      bodies.push((await client.message()).body.toString());
      expect(bodies.at(-1)).toBe(expected);
    }
    expect(await client.rest()).toEqual([]);
    expect(broker.scheduledCount).toBe(1);
  });

  it('sets no timer that its computer would run at once', async () => {
    const real = await startBroker();
    const other = await StompClient.connect(real);
    await other.send('/queue/far', 'x', { AMQ_SCHEDULED_DELAY: '1000000000000000' });
    await other.send('/queue/near', 'x', { AMQ_SCHEDULED_DELAY: '1' });
    await expect.poll(() => real.queue('near').depth).toBe(1);
    expect([real.queue('far').depth, real.scheduledCount]).toEqual([0, 1]);
    await real.stop();
  });

  it('ticks as it is told', async () => {
    const quick = await startBroker({ clock, schedulerTick: 1 });
    const other = await StompClient.connect(quick);
    await other.send('/queue/q', 'x', { AMQ_SCHEDULED_DELAY: '10' });
    clock.advance(11);
    expect([quick.queue('q').depth, quick.scheduledCount]).toEqual([1, 0]);
    await quick.stop();
  });

  it('forgets what is scheduled when it is told to', async () => {
    await client.send('/queue/q', 'x', { AMQ_SCHEDULED_DELAY: '10' });
    expect(broker.scheduledCount).toBe(1);
    broker.purgeSchedule();
    expect(broker.scheduledCount).toBe(0);
    clock.advance(60_000);
    expect(await client.rest()).toEqual([]);
    await broker.stop();
    expect(() => broker.purgeSchedule()).toThrow(/does not run/);
  });

  it('keeps the message id of a single delivery, and makes one for each of several', async () => {
    await client.send('/queue/q', 'x', { AMQ_SCHEDULED_PERIOD: '1000', AMQ_SCHEDULED_REPEAT: '3' });
    clock.advance(10_000);
    const messages = [];
    for (let i = 0; i < 4; i++) messages.push(await client.message());
    expect(new Set(messages.map(({ headers }) => headers['message-id'])).size).toBe(4);
    expect(new Set(messages.map(({ headers }) => headers['scheduledJobId'])).size).toBe(1);
    expect(await client.rest()).toEqual([]);
    expect(broker.scheduledCount).toBe(0);
  });

  it('delivers at once what was scheduled before: scheduledJobId must be stripped from a copy', async () => {
    await client.send('/queue/q', 'x', { AMQ_SCHEDULED_DELAY: '60000', scheduledJobId: 'ID:old' });
    expect((await client.message()).headers['AMQ_SCHEDULED_DELAY']).toBe('60000');
  });

  it('begins the time to live anew when it fires', async () => {
    await client.send('/queue/q', 'x', { AMQ_SCHEDULED_DELAY: '5000', expires: String(start + 1000) });
    clock.advance(5300);
    const { headers } = await client.message();
    expect(Number(headers['expires']) - Number(headers['timestamp'])).toBe(1000);
    expect(Number(headers['timestamp'])).toBe(start + 5300);
  });

  it('counts the delay from COMMIT, and ABORT schedules nothing', async () => {
    for (const transaction of ['kept', 'dropped']) {
      await client.ask('BEGIN', { transaction });
      await client.send('/queue/q', transaction, { AMQ_SCHEDULED_DELAY: '1000', transaction });
    }
    clock.advance(5000);
    expect(broker.scheduledCount).toBe(0);
    await client.ask('ABORT', { transaction: 'dropped' });
    await client.ask('COMMIT', { transaction: 'kept' });
    expect(broker.scheduledCount).toBe(1);
    clock.advance(1500);
    expect(await client.bodies(1)).toEqual(['kept']);
  });

  it.each([
    ['AMQ_SCHEDULED_DELAY', 'abc'],
    ['AMQ_SCHEDULED_DELAY', '-5'],
    ['AMQ_SCHEDULED_DELAY', ''],
    ['AMQ_SCHEDULED_PERIOD', '1.5'],
    ['AMQ_SCHEDULED_REPEAT', '-1'],
    ['AMQ_SCHEDULED_CRON', 'abc'],
    ['AMQ_SCHEDULED_CRON', '99 * * * *'],
  ])('%s:%s closes the connection without an ERROR frame', async (name, value) => {
    client.write('SEND', { destination: '/queue/q', [name]: value }, 'x');
    await client.closed;
    expect(client.frames).toEqual([]);
  });

  it('is browsed and removed through the management destination', async () => {
    for (const own of ['1', '2']) await client.send('/queue/q', `job ${own}`, { AMQ_SCHEDULED_DELAY: `${own}0000`, own });
    await client.subscribe('jobs', '/temp-queue/jobs', { ack: 'auto' });
    const management = '/topic/ActiveMQ.Scheduler.Management';
    await client.send(management, '', { AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': '/temp-queue/jobs' });
    const [first, second] = [await client.message(), await client.message()];
    expect([first, second].map(({ headers }) => [headers['own'], headers['AMQ_SCHEDULED_DELAY'], headers['original-destination']])).toEqual(
      [
        ['1', '10000', '/queue/q'],
        ['2', '20000', '/queue/q'],
      ],
    );
    await client.send(management, '', { AMQ_SCHEDULER_ACTION: 'REMOVE', scheduledJobId: first.headers['scheduledJobId'] });
    expect(broker.scheduledCount).toBe(1);
    await client.send(management, '', { AMQ_SCHEDULER_ACTION: 'REMOVEALL' });
    expect(broker.scheduledCount).toBe(0);
  });

  it('fires a cron entry at each full minute that matches', async () => {
    await client.send('/queue/q', 'x', { AMQ_SCHEDULED_CRON: '*/2 * * * *' });
    clock.advance(10 * 60_000);
    const fired = [];
    for (let i = 0; i < 5; i++) fired.push(await client.message());
    expect(await client.rest()).toEqual([]);
    expect(broker.scheduledCount).toBe(1);
  });

  it('survives the death of the broker', async () => {
    await client.send('/queue/q', 'x', { AMQ_SCHEDULED_DELAY: '1000' });
    broker.kill();
    await broker.start();
    clock.advance(1300);
    expect(broker.queue('q').depth).toBe(1);
  });
});
