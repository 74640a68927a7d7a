import { ActiveMqConnection, ConfigurationError, JmsMessagingTemplate } from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';

import { describeOnEitherBroker, until } from './sending.fixture.js';

const HOUR = 3_600_000;
/** ActiveMQ looks at its schedule every 500 ms; a loaded machine may be later. */
const LATE = 4_000;

describeOnEitherBroker('scheduled sends', (bench) => {
  it('delivers after the delay, and not before', async () => {
    const queue = bench.queue();
    const messages = await bench.listen(queue);
    const jms = await bench.template();
    const sentAt = Date.now();
    await jms.convertAndSend(queue, { n: 1 }, { deliveryDelay: 700, timeToLive: 60_000 });
    await until(() => expect(messages).toHaveLength(1));
    const took = Date.now() - sentAt;
    expect([took >= 690, took < 700 + LATE, messages[0]?.payload]).toEqual([true, true, { n: 1 }]);
  });

  it("delivers `repeat: n` n + 1 times, under one key and a message id each: the documents' case on a scale of 1 to 20", async () => {
    const queue = bench.queue();
    const messages = await bench.listen(queue);
    const jms = await bench.template();
    const keys = await Promise.all(
      [1, 2, 3].map(async (n) => (await jms.convertAndSend(queue, n, { schedule: { delay: 150, period: 200, repeat: 5 } })).idempotencyKey),
    );
    await until(() => expect(messages).toHaveLength(18));
    await until(async () => expect(await jms.scheduler.list({ destination: queue })).toEqual([]));
    expect(messages).toHaveLength(18);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(18);
    const perKey = keys.map((key) => messages.filter(({ idempotencyKey }) => idempotencyKey === key).length);
    expect(perKey).toEqual([6, 6, 6]);
  });

  it('takes the default delay of the template, and a schedule instead of it', async () => {
    const queue = bench.queue();
    const jms = await bench.template({ template: { deliveryDelay: HOUR } });
    await jms.convertAndSend(queue, 'delayed');
    await jms.convertAndSend(queue, 'scheduled', { schedule: { cron: '0 4 * * 1-5' } });
    await jms.convertAndSend(queue, 'now', { deliveryDelay: 0 });
    const jobs = await jms.scheduler.list({ destination: queue });
    expect(Object.fromEntries(jobs.map(({ message, schedule }) => [message.payload, schedule]))).toEqual({
      delayed: { delay: HOUR },
      scheduled: { cron: '0 4 * * 1-5' },
    });
    expect(await bench.bodies(queue)).toEqual(['now']);
  });

  it('goes on after sends that are refused: nothing bad has reached the broker', async () => {
    const queue = bench.queue();
    const jms = await bench.template();
    for (const schedule of [{ delay: -1 }, { period: 5 }, { cron: '* * * * 7' }, { period: 5, repeat: -1 }]) {
      await expect(jms.convertAndSend(queue, 'x', { schedule })).rejects.toBeInstanceOf(ConfigurationError);
    }
    await expect(jms.convertAndSend(queue, 'x', { headers: { AMQ_SCHEDULED_CRON: '* * 0 * *' } })).rejects.toThrow('It has five fields');
    await expect(jms.convertAndSend(queue, 'x', { deliveryDelay: 5, headers: { AMQ_SCHEDULED_PERIOD: 5 } })).rejects.toThrow(
      'exclude each other',
    );
    await jms.convertAndSend(queue, 'still there');
    expect(await bench.bodies(queue)).toEqual(['still there']);
  });

  it('say how often a broker repeats when it was asked for more', async () => {
    const jms = await bench.template();
    const schedule = { period: 1_000, repeat: 1_001 };
    await expect(jms.convertAndSend(bench.queue(), 'x', { schedule })).rejects.toThrow(/up to 1000 unless `maxSchedulerRepeatAllowed`/);
  });

  it('are listed, by key, destination and time, those due first in front', async () => {
    const [queue, other] = [bench.queue(), bench.queue()];
    const jms = await bench.template();
    const [first, second] = [randomUUID(), randomUUID()];
    await jms.convertAndSend(queue, { n: 2 }, { deliveryDelay: 2 * HOUR, idempotencyKey: second, headers: { colour: 'red' } });
    await jms.convertAndSend(queue, { n: 1 }, { deliveryDelay: HOUR, idempotencyKey: first });
    await jms.convertAndSend(`topic://${other}`, 'x', { deliveryDelay: HOUR });
    const jobs = await jms.scheduler.list({ destination: queue });
    expect(jobs.map(({ idempotencyKey, destination, message }) => [idempotencyKey, destination, message.destination])).toEqual([
      [first, `queue://${queue}`, `queue://${queue}`],
      [second, `queue://${queue}`, `queue://${queue}`],
    ]);
    expect([jobs[1]?.message.payload, jobs[1]?.message.headers['colour'], jobs[1]?.schedule]).toEqual([
      { n: 2 },
      'red',
      { delay: 2 * HOUR },
    ]);
    expect(await jms.scheduler.list({ destination: `topic://${other}` })).toHaveLength(1);
    expect(await jms.scheduler.list({ idempotencyKey: second })).toHaveLength(1);
    const soon = { from: new Date(Date.now() + HOUR / 2), to: new Date(Date.now() + 1.5 * HOUR), destination: queue };
    expect((await jms.scheduler.list(soon)).map(({ idempotencyKey }) => idempotencyKey)).toEqual([first]);
    expect(await jms.scheduler.list({ from: new Date(Date.now() + 3 * HOUR), destination: queue })).toEqual([]);
    expect(await jms.scheduler.list({ to: new Date(), destination: queue })).toEqual([]);
    expect(await jms.scheduler.list({ limit: 1, destination: queue })).toHaveLength(1);
  });

  it('are listed no more when are cancelled: one, those of a key, those of a destination, all', async () => {
    const [queue, other] = [bench.queue(), bench.queue()];
    const jms = await bench.template();
    const key = randomUUID();
    const send = (destination: string, payload: string, idempotencyKey?: string) =>
      jms.convertAndSend(destination, payload, { deliveryDelay: HOUR, idempotencyKey });
    for (const payload of ['a', 'b', 'c']) await send(queue, payload);
    await send(queue, 'keyed', key);
    await send(other, 'other');
    const left = async (destination: string) =>
      (await jms.scheduler.list({ destination })).map(({ message }) => message.text()).toSorted((a, b) => a.localeCompare(b));

    const [a] = (await jms.scheduler.list({ destination: queue })).filter(({ message }) => message.payload === 'a');
    await jms.scheduler.cancel(a!.jobId);
    await jms.scheduler.cancel(a!.jobId);
    expect(await left(queue)).toEqual(['b', 'c', 'keyed']);
    expect([await jms.scheduler.cancelByIdempotencyKey(key), await jms.scheduler.cancelByIdempotencyKey(key)]).toEqual([1, 0]);
    expect(await left(queue)).toEqual(['b', 'c']);
    expect(await jms.scheduler.cancelAll({ destination: queue })).toBe(2);
    expect([await left(queue), await left(other)]).toEqual([[], ['other']]);
    expect(await jms.scheduler.cancelAll()).toBeGreaterThan(0);
    expect(await jms.scheduler.list()).toEqual([]);
  });

  it('are listed with where they will be delivered, behind any message that says it is the end of the list', async () => {
    const queue = bench.queue();
    const jms = await bench.template();
    await jms.convertAndSend(queue, 'liar', { deliveryDelay: HOUR, headers: { scheduledJobsEnd: 'scheduled-jobs-1' } });
    await jms.convertAndSend(queue, 'x', { deliveryDelay: 2 * HOUR });
    const jobs = await jms.scheduler.list({ destination: queue });
    expect(jobs.map(({ destination, message }) => [destination, message.destination, message.payload])).toEqual([
      [`queue://${queue}`, `queue://${queue}`, 'liar'],
      [`queue://${queue}`, `queue://${queue}`, 'x'],
    ]);
    await jms.scheduler.cancelAll({ destination: queue });
  });

  it('are listed without the question whether there is a scheduler, which is none of them, and not counted with it', async () => {
    const jms = await bench.template();
    await jms.scheduler.cancelAll();
    // A client that has not asked yet: the answer to its question is still to come when it lists.
    const [one, other, another] = [await bench.template(), await bench.template(), await bench.template()];
    expect([
      await one.scheduler.list(),
      await other.scheduler.cancelAll(),
      await another.scheduler.cancelAll({ idempotencyKey: 'k' }),
    ]).toEqual([[], 0, 0]);
  });

  it('are asked for with options that are known', async () => {
    const jms = await bench.template();
    const refused = [
      jms.scheduler.cancel('ID:1', { timeout: -5 }),
      jms.scheduler.cancel('ID:1', { timeOut: 5 } as object),
      jms.scheduler.cancelByIdempotencyKey('k', { timeOut: 5 } as object),
      jms.scheduler.cancelByIdempotencyKey('k', { timeout: 1.5 }),
      jms.scheduler.cancelAll({ timeout: 0 }),
    ];
    for (const error of await Promise.all(refused.map(async (end) => end.catch((reason: unknown) => reason)))) {
      expect(error).toBeInstanceOf(ConfigurationError);
    }
  });

  it('are listed completely when the list is longer than any window, and asked for by several at once', async () => {
    const queue = bench.queue();
    const jms = await bench.template();
    const ends = Array.from({ length: 250 }, (_, n) => jms.convertAndSend(queue, n, { deliveryDelay: HOUR + n, confirm: false }));
    await Promise.all(ends);
    await jms.flush();
    const [one, two] = await Promise.all([
      jms.scheduler.list({ destination: queue }),
      jms.scheduler.list({ destination: queue, limit: 100 }),
    ]);
    expect([one?.length, two?.length]).toEqual([250, 100]);
    expect(await jms.scheduler.cancelAll({ destination: queue })).toBe(250);
  });

  it('are not listed when the time to live, counted from the send, is over: ActiveMQ does not show it', async () => {
    const queue = bench.queue();
    const jms = await bench.template();
    await jms.convertAndSend(queue, 'short', { deliveryDelay: HOUR, timeToLive: 1 });
    await jms.convertAndSend(queue, 'long', { deliveryDelay: HOUR, timeToLive: HOUR });
    await until(async () =>
      expect((await jms.scheduler.list({ destination: queue })).map(({ message }) => message.payload)).toEqual(['long']),
    );
  });

  it.each([{ from: 'now' }, { form: new Date() }, { limit: 0 }, { timeout: 0 }, { from: new Date(Number.NaN) }, { destination: '' }])(
    'refuses the filter %j',
    async (filter) => {
      const jms = await bench.template();
      await expect(jms.scheduler.list(filter as never)).rejects.toBeInstanceOf(ConfigurationError);
    },
  );
});

describeOnEitherBroker(
  'a broker without a scheduler',
  (bench) => {
    it('is found out before a scheduled send, which says the cure; nothing is delivered at once, and other sends go on', async () => {
      const queue = bench.queue();
      const app = await bench.boot();
      const jms = app.get(JmsMessagingTemplate);
      for (const options of [{ deliveryDelay: HOUR }, { schedule: { cron: '* * * * *' } }, { headers: { AMQ_SCHEDULED_DELAY: 5 } }]) {
        const sent = jms.convertAndSend(queue, 'too early', options);
        await expect(sent).rejects.toMatchObject({
          name: 'ConfigurationError',
          message: expect.stringContaining('schedulerSupport="true"') as string,
        });
      }
      await expect(jms.transaction((tx) => tx.convertAndSend(queue, 'x', { deliveryDelay: 5 }))).rejects.toThrow('schedulerSupport="true"');
      for (const options of [{ deliveryDelay: HOUR }, { schedule: { delay: HOUR } }]) {
        const asked = jms.convertSendAndReceive(queue, 'x', { ...options, timeout: 10_000 });
        await expect(asked).rejects.toThrow('schedulerSupport="true"');
      }
      await expect(jms.scheduler.list()).rejects.toThrow('schedulerSupport="true"');
      await expect(app.get(ActiveMqConnection).assertScheduler()).rejects.toBeInstanceOf(ConfigurationError);
      await jms.convertAndSend(queue, 'plain');
      expect(await bench.bodies(queue)).toEqual(['plain']);
    });
  },
  { real: { scheduler: false }, embedded: { schedulerSupport: false } },
);
