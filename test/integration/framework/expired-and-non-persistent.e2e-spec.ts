import 'reflect-metadata';
import {
  BrokerDeadLetterStrategy,
  type DeadLetterStrategy,
  DiscardingDeadLetterStrategy,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
  SharedDeadLetterStrategy,
} from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, FAST, listenerOn, LogLines, until } from './delivery.fixture.js';
import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

/** Ms between the broker's searches for expired messages; its default is 30 s. */
const attributes = { expireMessagesPeriod: 200 };
const bench = Bench.forFile({
  broker: {
    policyEntries: [
      { queue: 'graves.>', attributes },
      { queue: 'ActiveMQ.DLQ', attributes },
      { queue: 'mortal.>', attributes, deadLetterStrategy: { kind: 'shared', attributes: { processExpired: false } } },
    ],
  },
});
const no = (): never => {
  throw new Error('no');
};

/** A message expires in this process, behind one that is being handled. */
async function expiredInFlight(deadLetter: DeadLetterStrategy) {
  const queue = bench.queue();
  const { promise: release, resolve } = deferred();
  const handled: string[] = [];
  const logger = new LogLines();
  const app = await bench.app({
    providers: [
      listenerOn({ destination: queue, deadLetter }, async (message) => {
        handled.push(message.text());
        await release;
      }),
    ],
    options: { logger },
  });
  const jms = app.get(JmsMessagingTemplate);
  await jms.convertAndSend(queue, 'first');
  const { idempotencyKey } = await jms.convertAndSend(queue, 'late', { timeToLive: 1_000 });
  const expiration = Date.now() + 1_000;
  const [container] = app.get(JmsListenerEndpointRegistry).getListenerContainers();
  await until(() => expect(container?.unsettledMessages).toBe(2));
  expect(Date.now()).toBeLessThan(expiration);
  await until(() => expect(Date.now()).toBeGreaterThan(expiration));
  resolve();
  await until(() => expect(countsOf(app).deadLettered + countsOf(app).discarded).toBe(1));
  expect(handled).toEqual(['first']);
  const client = await bench.client();
  await until(async () => expect(await client.bodies(queue)).toEqual([]));
  return { counts: countsOf(app), dead: await deadLetters(bench, idempotencyKey), logger };
}

describe('a message that expires in this process', () => {
  it('never reaches its handler and becomes a dead letter that does not expire', async () => {
    const { dead, counts } = await expiredInFlight(new SharedDeadLetterStrategy());
    expect(counts).toMatchObject({ deadLettered: 1, acknowledged: 1 });
    expect(dead).toHaveLength(1);
    expect(dead[0]?.headers).toMatchObject({ deadLetterReason: 'expired', deliveryCount: '0' });
    expect(['0', undefined]).toContain(dead[0]?.headers['expires']);
    expect(dead[0]?.headers['deadLetterErrorClass']).toBeUndefined();
  });

  it.each([
    ['SharedDeadLetterStrategy', new SharedDeadLetterStrategy({ processExpired: false })],
    ['BrokerDeadLetterStrategy', new BrokerDeadLetterStrategy({ processExpired: false })],
  ])('is dropped with `processExpired: false` of %s, with a line in the log', async (_, strategy) => {
    const { dead, counts, logger } = await expiredInFlight(strategy);
    expect(counts).toMatchObject({ discarded: 1, deadLettered: 0 });
    expect(dead).toEqual([]);
    expect(logger.text).toMatch(/error .* is discarded after 0 attempts, expired; `processExpired` of its strategy is false/);
  });

  it('is rejected with BrokerDeadLetterStrategy: the broker dead-letters it', async () => {
    const { dead, counts } = await expiredInFlight(new BrokerDeadLetterStrategy());
    expect(counts).toMatchObject({ discarded: 0, deadLettered: 1 });
    expect(dead).toHaveLength(1);
  });

  it('is given up at once when it would expire before its next attempt', async () => {
    const queue = bench.queue();
    const app = await bench.app({ providers: [listenerOn({ destination: queue, redelivery: { initialRedeliveryDelay: 60_000 } }, no)] });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { timeToLive: 30_000 });
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    expect((await deadLetters(bench, idempotencyKey))[0]?.headers).toMatchObject({
      deadLetterReason: 'expired',
      deliveryCount: '1',
      deadLetterErrorMessage: 'Error: no',
    });
  });
});

describe('a dead letter', () => {
  it('expires itself after the `expiration` of its strategy', async () => {
    const queue = bench.queue();
    const deadLetter = new SharedDeadLetterStrategy({ expiration: 3_600_000 });
    const app = await bench.app({
      providers: [listenerOn({ destination: queue, redelivery: { maximumRedeliveries: 0 }, deadLetter }, no)],
    });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    const expires = Number((await deadLetters(bench, idempotencyKey))[0]?.headers['expires']);
    expect(Math.abs(expires - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  it.each([
    ['ActiveMQ.DLQ', 'is dropped by the broker', []],
    ['graves.of-orders', 'is moved to ActiveMQ.DLQ, for ever', ['0']],
    ['mortal.dead-letters', 'is dropped where the policy of that queue says `processExpired=false`', []],
  ])('of %s that has expired %s', async (dlq, _, expires) => {
    const queue = bench.queue();
    const deadLetter = new SharedDeadLetterStrategy({ deadLetterQueue: dlq, expiration: 500 });
    const app = await bench.app({
      providers: [listenerOn({ destination: queue, redelivery: { maximumRedeliveries: 0 }, deadLetter }, no)],
    });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    await until(async () => {
      const mortal = (await deadLetters(bench, idempotencyKey, dlq)).filter(({ headers }) => headers['expires'] !== '0');
      expect(mortal).toEqual([]);
    });
    await until(async () => {
      expect((await deadLetters(bench, idempotencyKey)).map(({ headers }) => headers['expires'])).toEqual(expires);
    });
  });
});

describe('a non-persistent message', () => {
  async function givenUp(deadLetter?: DeadLetterStrategy) {
    const queue = bench.queue();
    const logger = new LogLines();
    const app = await bench.app({
      providers: [listenerOn({ destination: queue, redelivery: FAST, deadLetter }, no)],
      options: { logger },
    });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { persistent: false });
    await until(() => expect(countsOf(app).deadLettered + countsOf(app).discarded).toBe(1));
    const client = await bench.client();
    await until(async () => expect(await client.bodies(queue)).toEqual([]));
    return { counts: countsOf(app), dead: await deadLetters(bench, idempotencyKey), logger };
  }

  it('gets its attempts and is dropped, as in ActiveMQ, with a line in the log that says why', async () => {
    const { counts, dead, logger } = await givenUp();
    expect(counts).toMatchObject({ redeliveries: 2, discarded: 1, deadLettered: 0 });
    expect(dead).toEqual([]);
    expect(logger.text).toMatch(
      /error .* is discarded after 3 attempts, its 2 redeliveries are used up; it is not persistent, and `processNonPersistent` of its strategy is false: Error: no/,
    );
  });

  it('becomes a persistent dead letter with `processNonPersistent: true`', async () => {
    const { counts, dead } = await givenUp(new SharedDeadLetterStrategy({ processNonPersistent: true }));
    expect(counts).toMatchObject({ discarded: 0, deadLettered: 1 });
    expect(dead.map(({ headers }) => headers['persistent'])).toEqual(['true']);
  });

  it("is the broker's to drop with BrokerDeadLetterStrategy", async () => {
    const { counts, dead } = await givenUp(new BrokerDeadLetterStrategy());
    expect(counts).toMatchObject({ discarded: 0, deadLettered: 1 });
    expect(dead).toEqual([]);
  });

  it('is discarded like any other by DiscardingDeadLetterStrategy', async () => {
    const { counts, dead, logger } = await givenUp(new DiscardingDeadLetterStrategy({ processNonPersistent: true }));
    expect(counts).toMatchObject({ discarded: 1, deadLettered: 0 });
    expect(dead).toEqual([]);
    expect(logger.text).toContain('its strategy has no dead letters');
  });
});
