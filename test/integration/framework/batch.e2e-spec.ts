import 'reflect-metadata';
import { type CanActivate, type ExecutionContext, Injectable, ParseArrayPipe, UseGuards } from '@nestjs/common';
import { IsInt } from 'class-validator';
import {
  BatchListenerFailedError,
  getJmsArguments,
  Header,
  Headers,
  JmsListener,
  JmsListenerEndpointRegistry,
  type JmsListenerOptions,
  type JmsMessage,
  JmsMessagingTemplate,
  Message,
  NonRetryableError,
  Payload,
} from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const FAST = { redelivery: { maximumRedeliveries: 2, initialRedeliveryDelay: 1, redeliveryDelay: 1 }, shutdownTimeout: 2_000 };

/** An application with one batch listener, which keeps what it gets and then does what the test wants. */
async function batching(
  options: Partial<JmsListenerOptions>,
  handle: (orders: readonly number[], messages: readonly JmsMessage[]) => unknown = () => undefined,
  more: { brokerUrl?: string } = {},
) {
  const queue = bench.queue();
  const batches: (readonly number[])[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ id: 'orders', destination: queue, batch: { size: 5, timeout: 200 }, ...options })
    async handle(@Payload() orders: readonly number[], @Message() messages: readonly JmsMessage[]): Promise<unknown> {
      batches.push(orders);
      return handle(orders, messages);
    }
  }
  const app = await bench.app({ providers: [Orders], options: { ...FAST, ...more } });
  const registry = app.get(JmsListenerEndpointRegistry);
  const jms = app.get(JmsMessagingTemplate);
  const client = await bench.client();
  const send = async (...orders: readonly unknown[]) => {
    for (const order of orders) await client.send(queue, JSON.stringify(order), { 'content-type': 'application/json' });
  };
  return { queue, batches, app, registry, container: registry.getListenerContainer('orders')!, jms, client, send };
}

describe('a batch', () => {
  it('is full, or what has come within its timeout after the first message; order is kept', async () => {
    const { batches, container, send } = await batching({ autoStartup: false });
    await send(...Array.from({ length: 12 }, (_, order) => order));
    container.start();
    await vi.waitFor(() => expect(container.counts.acknowledged).toBe(12), 10_000);
    expect(batches).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
      [10, 11],
    ]);
    await send(12);
    await vi.waitFor(() => expect(batches.at(-1)).toEqual([12]), 10_000);
  });

  it('fills every kind of parameter with arrays', async () => {
    const queue = bench.queue();
    const got: unknown[] = [];
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, batch: { size: 2, timeout: 10_000 } })
      handle(
        orders: readonly unknown[],
        @Payload('id') ids: readonly unknown[],
        @Header('region') regions: readonly unknown[],
        @Headers() headers: readonly Record<string, string>[],
        @Message() messages: readonly JmsMessage[],
      ): void {
        got.push(
          orders,
          ids,
          regions,
          headers.map(({ region }) => region),
          messages.map(({ deliveryCount }) => deliveryCount),
        );
      }
    }
    const app = await bench.app({ providers: [Orders] });
    for (const id of [1, 2]) await app.get(JmsMessagingTemplate).convertAndSend(queue, { id }, { headers: { region: `r${id}` } });
    await vi.waitFor(
      () =>
        expect(got).toEqual([
          [{ id: 1 }, { id: 2 }],
          [1, 2],
          ['r1', 'r2'],
          ['r1', 'r2'],
          [1, 1],
        ]),
      10_000,
    );
  });

  it('runs beside others up to the concurrency, with a prefetch to fill them', async () => {
    const { promise: gate, resolve } = deferred();
    const { batches, container, send } = await batching({ concurrency: 2, autoStartup: false }, () => gate);
    await send(...Array.from({ length: 30 }, (_, order) => order));
    container.start();
    await vi.waitFor(() => expect([batches.length, container.activeHandlers, container.unsettledMessages]).toEqual([2, 10, 20]), 10_000);
    resolve();
    await vi.waitFor(() => expect(container.counts.acknowledged).toBe(30), 10_000);
    expect(batches.every(({ length }) => length <= 5)).toBe(true);
  });

  it('of a registered function is an array of messages', async () => {
    const { app, queue } = await batching({ selector: 'FALSE' });
    const got: string[][] = [];
    const registry = app.get(JmsListenerEndpointRegistry);
    registry.registerListener({ id: 'function', destination: queue, batch: { size: 2, timeout: 10_000 } }, (messages) => {
      got.push(messages.map((message) => message.text()));
    });
    for (const text of ['a', 'b']) await app.get(JmsMessagingTemplate).convertAndSend(queue, text);
    await vi.waitFor(() => expect(got).toEqual([['a', 'b']]), 10_000);
  });
});

describe('a failure', () => {
  it('of some messages: the others are acknowledged, these are retried as a smaller batch and dead-lettered singly', async () => {
    const { batches, container, client, send, queue } = await batching({ batch: { size: 4, timeout: 10_000 } }, (orders) => {
      const failures = orders.flatMap((order, index) => (order % 2 === 1 ? [{ index, error: new Error(`odd ${order}`) }] : []));
      if (failures.length > 0) throw new BatchListenerFailedError({ failures });
    });
    await send(0, 1, 2, 3);
    await vi.waitFor(() => expect(container.counts).toMatchObject({ acknowledged: 2, redeliveries: 4, deadLettered: 2 }), 10_000);
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [1, 3],
      [1, 3],
    ]);
    const dead = (await client.browse('ActiveMQ.DLQ')).filter(({ headers }) => Object.values(headers).includes(`queue://${queue}`));
    expect(dead.map(({ body }) => body.toString())).toEqual(['1', '3']);
  });

  it('of some messages as Promise.allSettled() tells it', async () => {
    const { batches, container, send } = await batching({ batch: { size: 3, timeout: 10_000 } }, (orders, messages) =>
      Promise.allSettled(
        orders.map((order, index) =>
          order === 1 && messages[index]?.deliveryCount === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve(order),
        ),
      ),
    );
    await send(0, 1, 2);
    await vi.waitFor(() => expect(container.counts).toMatchObject({ acknowledged: 3, redeliveries: 1 }), 10_000);
    expect(batches).toEqual([[0, 1, 2], [1]]);
  });

  it('that is thrown plainly is one of all messages', async () => {
    let attempts = 0;
    const { batches, container, send } = await batching({ batch: { size: 3, timeout: 10_000 } }, () => {
      if (++attempts === 1) throw new Error('the database is down');
    });
    await send(0, 1, 2);
    await vi.waitFor(() => expect(container.counts).toMatchObject({ acknowledged: 3, redeliveries: 3, deadLettered: 0 }), 10_000);
    expect(batches).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  it('for good is found out for each message alone: one does not condemn the others', async () => {
    const { batches, container, send } = await batching({ batch: { size: 3, timeout: 10_000 } }, (orders) => {
      if (orders.includes(1)) throw new NonRetryableError('no ones');
    });
    await send(0, 1, 2);
    await vi.waitFor(() => expect(container.counts).toMatchObject({ acknowledged: 2, redeliveries: 0, deadLettered: 1 }), 10_000);
    expect(batches).toEqual([[0, 1, 2], [0], [1], [2]]);
  });

  it('of a pipe, likewise; the items are instances of their class', async () => {
    class Order {
      @IsInt()
      id!: number;
    }
    const queue = bench.queue();
    const handled: unknown[] = [];
    @Injectable()
    class Orders {
      @JmsListener({ id: 'orders', destination: queue, batch: { size: 2, timeout: 10_000 } })
      handle(@Payload(new ParseArrayPipe({ items: Order })) orders: readonly Order[]): void {
        handled.push(...orders);
      }
    }
    const app = await bench.app({ providers: [Orders], options: FAST });
    for (const id of ['seven', 8]) await app.get(JmsMessagingTemplate).convertAndSend(queue, { id });
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
    await vi.waitFor(() => expect(container.counts).toMatchObject({ acknowledged: 1, deadLettered: 1, redeliveries: 0 }), 10_000);
    expect(handled).toEqual([{ id: 8 }]);
    expect(handled[0]).toBeInstanceOf(Order);
  });

  it('to convert one message dead-letters that one, before the handler sees it', async () => {
    const { batches, container, client, queue, send } = await batching({ batch: { size: 3, timeout: 10_000 } });
    await send(0);
    await client.send(queue, '{"broken', { 'content-type': 'application/json' });
    await send(2);
    await vi.waitFor(() => expect(container.counts).toMatchObject({ acknowledged: 2, redeliveries: 0, deadLettered: 1 }), 10_000);
    expect(batches).toEqual([[0, 2]]);
  });

  it('keeps the order of a blocking listener: the next batch waits for the retries of the one before', async () => {
    const { batches, container, send } = await batching({ batch: { size: 2, timeout: 200 }, autoStartup: false }, (orders, messages) => {
      const index = orders.indexOf(1);
      if (messages[index]?.deliveryCount === 1) throw new BatchListenerFailedError({ failures: [{ index, error: new Error('not yet') }] });
    });
    await send(0, 1, 2, 3);
    container.start();
    await vi.waitFor(() => expect(container.counts.acknowledged).toBe(4), 10_000);
    expect(batches).toEqual([[0, 1], [1], [2, 3]]);
  });

  it('of a non-blocking listener lets the next batch pass', async () => {
    const redelivery = { ...FAST.redelivery, initialRedeliveryDelay: 300, nonBlockingRedelivery: true };
    const { batches, container, send } = await batching(
      { batch: { size: 2, timeout: 50 }, autoStartup: false, redelivery },
      (orders, messages) => {
        const index = orders.indexOf(1);
        if (messages[index]?.deliveryCount === 1)
          throw new BatchListenerFailedError({ failures: [{ index, error: new Error('not yet') }] });
      },
    );
    await send(0, 1, 2, 3);
    container.start();
    await vi.waitFor(() => expect(container.counts.acknowledged).toBe(4), 10_000);
    expect(batches).toEqual([[0, 1], [2, 3], [1]]);
  });
});

describe('the end of', () => {
  it('the listener: the batch that runs is finished, the one that gathers goes back', async () => {
    const { promise: gate, resolve } = deferred();
    const { batches, container, registry, client, queue, send } = await batching({ batch: { size: 2, timeout: 60_000 } }, () => gate);
    await send(0, 1, 2);
    await vi.waitFor(() => expect([batches, container.unsettledMessages]).toEqual([[[0, 1]], 3]), 10_000);
    const stopped = registry.stop('orders');
    resolve();
    await stopped;
    expect(container.counts.acknowledged).toBe(2);
    const other = await client.take(queue);
    await vi.waitFor(() => expect(other.frames.map(({ body }) => body.toString())).toEqual(['2']), 10_000);
  });

  it('the connection while a batch runs: it goes on, and what comes again of it is not handled twice', async () => {
    const proxy = await bench.proxy();
    const { promise: gate, resolve } = deferred();
    const { batches, container, client, queue, send } = await batching({ batch: { size: 3, timeout: 200 } }, () => gate, {
      brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=1&maxReconnectDelay=20`,
    });
    await send(0, 1, 2);
    await vi.waitFor(() => expect(batches).toEqual([[0, 1, 2]]), 10_000);
    proxy.cut();
    await vi.waitFor(() => expect(container.state).toBe('running'), 10_000);
    await send(3, 4);
    await vi.waitFor(() => expect(container.unsettledMessages).toBe(5), 10_000);
    resolve();
    await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
    expect(batches).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
  });
});

describe('an enhancer', () => {
  it('sees all messages; asking for one fails closed', async () => {
    @Injectable()
    class TenantGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        return getJmsArguments(context).messages.every(({ headers }) => headers['tenant'] === 'a');
      }
    }
    @Injectable()
    class CarelessGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        return getJmsArguments(context).message.headers['tenant'] === 'a';
      }
    }
    const [guarded, careless] = [bench.queue(), bench.queue()];
    const handled = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener({ id: 'guarded', destination: guarded, batch: { size: 2, timeout: 10_000 } })
      @UseGuards(TenantGuard)
      guarded(orders: readonly string[]): void {
        handled(orders);
      }
      @JmsListener({ id: 'careless', destination: careless, batch: { size: 1 } })
      @UseGuards(CarelessGuard)
      careless(orders: readonly string[]): void {
        handled(orders);
      }
    }
    const app = await bench.app({ providers: [Orders], options: FAST });
    const registry = app.get(JmsListenerEndpointRegistry);
    for (const tenant of ['a', 'b']) await app.get(JmsMessagingTemplate).convertAndSend(guarded, tenant, { headers: { tenant } });
    await app.get(JmsMessagingTemplate).convertAndSend(careless, 'x', { headers: { tenant: 'a' } });
    await vi.waitFor(
      () => expect(registry.getListenerContainer('guarded')?.counts).toMatchObject({ acknowledged: 1, deadLettered: 1 }),
      10_000,
    );
    await vi.waitFor(
      () => expect(registry.getListenerContainer('careless')?.counts).toMatchObject({ acknowledged: 0, deadLettered: 1 }),
      10_000,
    );
    expect(handled.mock.calls).toEqual([[['a']]]);
  });
});
