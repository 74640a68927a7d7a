import 'reflect-metadata';
import { type INestApplication, Injectable, type Type, UseInterceptors } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { JmsListener, JmsListenerEndpointRegistry, type JmsListenerOptions, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import {
  getIdempotencyContext,
  Idempotent,
  IdempotencyContext,
  IdempotencyInterceptor,
  type IdempotentOptions,
} from 'nestjs-activemq/idempotency';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../../support/deferred.js';
import { Bench } from '../../framework/framework.fixture.js';
import { containerOf, RedisBench } from './listeners.fixture.js';

const bench = Bench.forFile();
const redis = RedisBench.forFile();
const WAIT = { timeout: 20_000 };
const FAST = { initialRedeliveryDelay: 10, redeliveryDelay: 10 };

/** A listener that is idempotent by its decorator. */
function listenerOn(
  destination: string,
  handle: (message: JmsMessage) => unknown,
  options: IdempotentOptions = {},
  more: Partial<JmsListenerOptions> = {},
): Type {
  @Injectable()
  class Orders {
    @JmsListener({ destination, redelivery: FAST, ...more })
    @Idempotent(options)
    async onOrder(message: JmsMessage): Promise<unknown> {
      return handle(message);
    }
  }
  return Orders;
}

describe('an idempotent listener', () => {
  it('handles a message once, and acknowledges its duplicate without handling it (3)', async () => {
    const queue = bench.queue();
    const handle = vi.fn();
    const app = await bench.app({ providers: [listenerOn(queue, handle)], options: { idempotency: redis.options() } });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
    await jms.convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).counts.duplicates).toBe(1), WAIT);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(containerOf(app).gate?.claims).toMatchObject({ acquired: 1, completed: 1 });
    expect(await (await bench.client()).bodies(queue)).toEqual([]);
  });

  it('gives a failed attempt back, so that the next one runs at once; what succeeded in the end is done (4)', async () => {
    const queue = bench.queue();
    const counts: (number | undefined)[] = [];
    let failures = 2;
    const handle = () => {
      counts.push(getIdempotencyContext()?.claimCount);
      if (failures-- > 0) throw new Error('not yet');
    };
    const app = await bench.app({ providers: [listenerOn(queue, handle)], options: { idempotency: redis.options({ leaseMs: 60_000 }) } });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).counts).toMatchObject({ acknowledged: 1, redeliveries: 2 }), WAIT);
    await jms.convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).counts.duplicates).toBe(1), WAIT);
    expect(counts).toEqual([1, 1, 1]);
  });

  it('does not take a dead letter for done: sent back under its key, it is handled (5)', async () => {
    const queue = bench.queue();
    let isBroken = true;
    const handle = vi.fn(() => {
      if (isBroken) throw new Error('no');
    });
    const providers = [listenerOn(queue, handle, {}, { redelivery: { ...FAST, maximumRedeliveries: 1 } })];
    const app = await bench.app({ providers, options: { idempotency: redis.options() } });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: queue });
    await vi.waitFor(() => expect(containerOf(app).counts.deadLettered).toBe(1), WAIT);
    const client = await bench.client();
    const dead = (await client.browse('ActiveMQ.DLQ')).filter(({ headers }) => headers['idempotencyKey'] === queue);
    expect(dead).toHaveLength(1);
    expect(await redis.states()).toEqual({ processing: 0, completed: 0 });
    isBroken = false;
    await client.send(queue, dead[0]!.body.toString(), { idempotencyKey: dead[0]!.headers['idempotencyKey']! });
    await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
    expect(handle).toHaveBeenCalledTimes(3);
  });

  it('keeps its records apart from those of another listener that gets the same message (6)', async () => {
    const topic = `VirtualTopic.${bench.queue()}`;
    const handled: string[] = [];
    const providers = ['A', 'B'].map((name) =>
      listenerOn(`Consumer.${name}.${topic}`, () => handled.push(name), {}, { id: `${name}.${topic}` }),
    );
    const app = await bench.app({ providers, options: { idempotency: redis.options() } });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(`topic://${topic}`, 'x', { idempotencyKey: 'k' });
    await jms.convertAndSend(`topic://${topic}`, 'x', { idempotencyKey: 'k' });
    const duplicates = () =>
      app
        .get(JmsListenerEndpointRegistry)
        .getListenerContainers()
        .map(({ counts }) => counts.duplicates);
    await vi.waitFor(() => expect(duplicates()).toEqual([1, 1]), WAIT);
    expect(handled.sort()).toEqual(['A', 'B']);
  });

  it('tells durable subscriptions apart, and the two of one name do one message once (6)', async () => {
    const topic = bench.queue('prices');
    const handled: string[] = [];
    for (const clientId of ['audit', 'billing']) {
      const providers = [listenerOn(`topic://${topic}`, () => handled.push(clientId), {}, { subscription: 'all' })];
      await bench.app({ providers, options: { clientId: `${clientId}.${topic}`, idempotency: redis.options() } });
    }
    const client = await bench.client();
    const send = async () => client.send(topic, 'x', { destination: `/topic/${topic}`, idempotencyKey: 'k' });
    await send();
    await send();
    await vi.waitFor(async () => expect(await redis.states()).toEqual({ processing: 0, completed: 2 }), WAIT);
    expect(handled.sort()).toEqual(['audit', 'billing']);
  });

  it('dead-letters other content under a known key, with the reason (8)', async () => {
    const queue = bench.queue();
    const handle = vi.fn();
    const app = await bench.app({
      providers: [listenerOn(queue, handle, { fingerprint: true })],
      options: { idempotency: redis.options() },
    });
    const jms = app.get(JmsMessagingTemplate);
    for (const body of ['a', 'a', 'b']) await jms.convertAndSend(queue, body, { idempotencyKey: queue });
    await vi.waitFor(() => expect(containerOf(app).counts).toMatchObject({ acknowledged: 1, duplicates: 1, deadLettered: 1 }), WAIT);
    expect(handle).toHaveBeenCalledTimes(1);
    const [dead] = (await (await bench.client()).browse('ActiveMQ.DLQ')).filter(({ headers }) => headers['idempotencyKey'] === queue);
    expect(dead?.headers['deadLetterReason']).toMatch(/^IDEMPOTENCY_PAYLOAD_MISMATCH/);
    expect(dead?.body.toString()).toBe('b');
  });

  it('dead-letters a message without the key it asks for, at once and unhandled (34)', async () => {
    const queue = bench.queue();
    const handle = vi.fn();
    const key = (message: JmsMessage) => (message.payload as { id?: string }).id;
    const app = await bench.app({ providers: [listenerOn(queue, handle, { key })], options: { idempotency: redis.options() } });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(queue, { no: 1 }, { idempotencyKey: queue });
    await jms.convertAndSend(queue, { no: 2 });
    await jms.convertAndSend(queue, { id: '3' });
    await vi.waitFor(() => expect(containerOf(app).counts).toMatchObject({ acknowledged: 1, deadLettered: 2, redeliveries: 0 }), WAIT);
    expect(handle).toHaveBeenCalledTimes(1);
    const [dead] = (await (await bench.client()).browse('ActiveMQ.DLQ')).filter(({ headers }) => headers['idempotencyKey'] === queue);
    expect(dead?.headers['deadLetterReason']).toMatch(/^IDEMPOTENCY_KEY_MISSING/);
  });

  it('of two applications that share a queue handle 400 messages, each sent twice, once (2)', async () => {
    const queue = bench.queue();
    const handled = new Map<string, number>();
    const handle = async (message: JmsMessage) => {
      const text = String(message.payload);
      handled.set(text, (handled.get(text) ?? 0) + 1);
      await new Promise((resolve) => setImmediate(resolve));
    };
    const apps: INestApplication[] = [];
    for (let n = 0; n < 2; n++) {
      const providers = [listenerOn(queue, handle, {}, { concurrency: 8, prefetch: 8 })];
      apps.push(await bench.app({ providers, options: { idempotency: redis.options() } }));
    }
    const jms = apps[0]!.get(JmsMessagingTemplate);
    const send = async (n: number) => jms.convertAndSend(queue, `${n}`, { idempotencyKey: `k${n}` });
    await Promise.all(Array.from({ length: 400 }, (_, n) => Promise.all([send(n), send(n)])));
    const settled = () => apps.map(containerOf).reduce((sum, { counts }) => sum + counts.acknowledged + counts.duplicates, 0);
    await vi.waitFor(() => expect(settled()).toBe(800), { timeout: 40_000 });
    expect(handled.size).toBe(400);
    expect(new Set(handled.values())).toEqual(new Set([1]));
  });

  it('finishes what runs when the application ends, and leaves no claim behind (17)', async () => {
    const queue = bench.queue();
    const { promise: release, resolve } = deferred();
    const started = vi.fn();
    const handle = async () => {
      started();
      await release;
    };
    const app = await bench.app({
      providers: [listenerOn(queue, handle, {}, { prefetch: 10 })],
      options: { idempotency: redis.options() },
    });
    for (const key of ['1', '2', '3']) await app.get(JmsMessagingTemplate).convertAndSend(queue, key, { idempotencyKey: key });
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), WAIT);
    const closing = app.close();
    resolve();
    await closing;
    expect(await redis.states()).toEqual({ processing: 0, completed: 1 });
    expect(started).toHaveBeenCalledTimes(1);
    await vi.waitFor(async () => expect(await (await bench.client()).bodies(queue)).toEqual(['2', '3']), WAIT);
  });
});

describe('the handler', () => {
  it('gets its context as a parameter, and one without a claim is refused', async () => {
    const queue = bench.queue();
    const contexts: (IdempotencyContext | undefined)[] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @Idempotent()
      handle(_order: unknown, @IdempotencyContext() context: IdempotencyContext): void {
        contexts.push({ ...context, signal: context.signal });
      }
    }
    const app = await bench.app({ providers: [Orders], options: { idempotency: redis.options({ instanceId: 'me' }) } });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(contexts).toHaveLength(1), WAIT);
    expect(contexts[0]).toMatchObject({ key: 'k', claimCount: 1, unprotected: false });
    expect(contexts[0]?.token).toMatch(/^me:/);
    expect(contexts[0]?.signal.aborted).toBe(false);
  });
});

describe('the interceptor', () => {
  it.each(['on the method', 'global'])('%s: duplicates are not handled', async (where) => {
    const queue = bench.queue();
    const handle = vi.fn();
    @Injectable()
    class Guarded {
      @JmsListener(queue)
      @UseInterceptors(IdempotencyInterceptor)
      onOrder(order: unknown): void {
        handle(order);
      }
    }
    @Injectable()
    class Plain {
      @JmsListener(queue)
      onOrder(order: unknown): void {
        handle(order);
      }
    }
    const providers = where === 'global' ? [Plain, { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor }] : [Guarded];
    const app = await bench.app({ providers, options: { idempotency: redis.options() } });
    const jms = app.get(JmsMessagingTemplate);
    for (let n = 0; n < 2; n++) await jms.convertAndSend(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(containerOf(app).counts).toMatchObject({ acknowledged: 1, duplicates: 1 }), WAIT);
    expect(handle).toHaveBeenCalledTimes(1);
  });
});
