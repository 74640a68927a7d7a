import 'reflect-metadata';
import { type INestApplication, Injectable, type Type } from '@nestjs/common';
import { ActiveMqConnection, JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
/** A session is left after 1000 dead letters, because ActiveMQ keeps each of them until the session ends. */
const RENEW_AFTER = 1_000;
const MESSAGES = 1_100;

/** The sessions that the application has left on purpose, in words: each is followed by a new one. */
function leftSessions(app: INestApplication): readonly string[] {
  const left: string[] = [];
  app.get(ActiveMqConnection).on('interrupted', ({ reason }) => left.push(reason.message));
  return left;
}

/** A listener whose messages become dead letters, each in a transaction. */
function bad(destination: string): Type {
  @Injectable()
  class Bad {
    @JmsListener({ id: 'bad', destination, concurrency: 5, redelivery: { maximumRedeliveries: 0 } })
    handle(): never {
      throw new Error('no');
    }
  }
  return Bad;
}

const ONE = [expect.stringContaining('is left for a new session')];

async function send(app: INestApplication, queue: string, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, order) => app.get(JmsMessagingTemplate).convertAndSend(queue, order)));
}

describe('a session that is left because ActiveMQ remembers its dead letters', () => {
  it('is followed by one on which the listener goes on', async () => {
    const queue = bench.queue();
    const app = await bench.app({ providers: [bad(queue)] });
    const left = leftSessions(app);
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('bad')!;
    await send(app, queue, RENEW_AFTER - 1);
    await vi.waitFor(() => expect(container.counts.deadLettered).toBe(RENEW_AFTER - 1), 50_000);
    expect(left).toEqual([]);
    await send(app, queue, 2);
    await vi.waitFor(() => expect(left).toEqual(ONE), 10_000);
    await vi.waitFor(() => expect(container.counts).toMatchObject({ deadLettered: RENEW_AFTER + 1 }), 10_000);
  });

  it('hands nothing that still runs to anybody else, whichever listener runs it', async () => {
    const [queue, slow] = [bench.queue('bad'), bench.queue('slow')];
    const { promise: release, resolve } = deferred();
    const started = vi.fn();
    @Injectable()
    class Slow {
      @JmsListener({ id: 'slow', destination: slow })
      async slow(order: string): Promise<void> {
        started(order);
        await release;
      }
    }
    const app = await bench.app({ providers: [bad(queue), Slow] });
    const left = leftSessions(app);
    const registry = app.get(JmsListenerEndpointRegistry);
    await send(app, slow, 1);
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), 10_000);
    const other = await (await bench.client()).take(slow);
    await send(app, queue, MESSAGES);
    await vi.waitFor(() => expect(registry.getListenerContainer('bad')!.counts.deadLettered).toBeGreaterThanOrEqual(RENEW_AFTER), 50_000);
    expect([left, other.frames.map(({ body }) => body.toString())]).toEqual([[], []]);
    resolve();
    await vi.waitFor(() => expect(left).toEqual(ONE), 10_000);
    await vi.waitFor(() => expect(registry.getListenerContainer('bad')!.counts.deadLettered).toBe(MESSAGES), 50_000);
    expect(registry.getListenerContainer('slow')!.counts.acknowledged).toBe(1);
    await other.stop();
    expect([started.mock.calls.length, await (await bench.client()).bodies(slow)]).toEqual([1, []]);
  });

  it('fails no request that waits for its reply', async () => {
    const [queue, prices] = [bench.queue(), bench.queue('prices')];
    const [app, seller] = [await bench.app({ providers: [bad(queue)] }), await bench.app({})];
    const left = leftSessions(app);
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('bad')!;
    const price = app.get(JmsMessagingTemplate).convertSendAndReceive(prices, 'a');
    await send(app, queue, MESSAGES);
    await vi.waitFor(() => expect(container.counts.deadLettered).toBeGreaterThanOrEqual(RENEW_AFTER), 50_000);
    expect(left).toEqual([]);
    seller.get(JmsListenerEndpointRegistry).registerListener({ id: 'prices', destination: prices }, () => 42);
    expect(await price).toBe(42);
    await vi.waitFor(() => expect(left).toEqual(ONE), 10_000);
    await vi.waitFor(() => expect(container.counts.deadLettered).toBe(MESSAGES), 50_000);
  });
});
