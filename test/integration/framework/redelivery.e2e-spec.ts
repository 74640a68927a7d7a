import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  type ActiveMqModuleOptions,
  IndividualDeadLetterStrategy,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessage,
  JmsMessagingTemplate,
  NonRetryableError,
} from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const counts = (app: Awaited<ReturnType<typeof bench.app>>) => app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!.counts;
const deadWith = async (key: string) =>
  (await (await bench.client()).browse('ActiveMQ.DLQ')).filter(({ headers }) => headers['idempotencyKey'] === key);

describe('a handler that always fails', () => {
  it('gets its attempts with their delays, then the message stands in ActiveMQ.DLQ as it was sent, once', async () => {
    const queue = bench.queue();
    const at: number[] = [];
    const seen: string[] = [];
    @Injectable()
    class Orders {
      @JmsListener({
        destination: queue,
        redelivery: { maximumRedeliveries: 3, initialRedeliveryDelay: 50, useExponentialBackOff: true, backOffMultiplier: 2 },
      })
      handle(message: JmsMessage): never {
        at.push(performance.now());
        seen.push(`${message.deliveryCount} ${message.redelivered}`);
        throw new Error('no');
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(
      queue,
      { id: 7, name: 'größe' },
      {
        headers: { currency: 'EUR', 'x:y': 'a\nb' },
        correlationId: 'c',
        type: 'Order',
        priority: 7,
      },
    );
    await vi.waitFor(() => expect(counts(app).deadLettered).toBe(1), 10_000);
    expect(seen).toEqual(['1 false', '2 true', '3 true', '4 true']);
    const pauses = at.slice(1).map((time, index) => time - at[index]!);
    // A timer is never early by more than its resolution.
    expect(pauses.map((pause, index) => pause >= [50, 100, 200][index]! - 2)).toEqual([true, true, true]);
    const dead = await deadWith(idempotencyKey);
    expect(dead.map(({ body }) => body.toString())).toEqual(['{"id":7,"name":"größe"}']);
    expect({ ...dead[0]?.headers }).toMatchObject({
      currency: 'EUR',
      'x:y': 'a\nb',
      'correlation-id': 'c',
      type: 'Order',
      priority: '7',
      persistent: 'true',
      'content-type': 'application/json',
      originalDestination: `queue://${queue}`,
      deadLetterReason: 'its 3 redeliveries are used up',
      deadLetterErrorClass: 'Error',
      deadLetterErrorMessage: 'Error: no',
      deliveryCount: '4',
      listenerId: 'Orders.handle',
    });
    expect(await (await bench.client()).bodies(queue)).toEqual([]);
    expect(counts(app)).toEqual({
      acknowledged: 0,
      duplicates: 0,
      redeliveries: 3,
      deadLettered: 1,
      discarded: 0,
      deferred: 0,
      released: 0,
    });
  });

  it('does not stop the messages behind it', async () => {
    const queue = bench.queue();
    const handled: string[] = [];
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, redelivery: { maximumRedeliveries: 1, initialRedeliveryDelay: 1 } })
      handle(order: string): void {
        if (order === 'bad') throw new Error('no');
        handled.push(order);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    for (const order of ['1', 'bad', '2', 'bad', '3']) await app.get(JmsMessagingTemplate).convertAndSend(queue, order);
    await vi.waitFor(() => expect(counts(app)).toMatchObject({ acknowledged: 3, deadLettered: 2 }), 10_000);
    expect(handled).toEqual(['1', '2', '3']);
  });

  it('keeps the order of the queue while it is tried again, with one slot', async () => {
    const queue = bench.queue();
    const handled: string[] = [];
    @Injectable()
    class Orders {
      failures = 2;
      @JmsListener({ destination: queue, redelivery: { initialRedeliveryDelay: 20, redeliveryDelay: 20 } })
      handle(order: string): void {
        handled.push(order);
        if (order === 'a' && this.failures-- > 0) throw new Error('no');
      }
    }
    const app = await bench.app({ providers: [Orders] });
    for (const order of ['a', 'b', 'c']) await app.get(JmsMessagingTemplate).convertAndSend(queue, order);
    await vi.waitFor(() => expect(counts(app).acknowledged).toBe(3), 10_000);
    expect(handled).toEqual(['a', 'a', 'a', 'b', 'c']);
  });

  it('is dead-lettered at once when the error says that trying again cannot help', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(_order: string): never {
        throw new NonRetryableError('cancelled');
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(counts(app).deadLettered).toBe(1), 10_000);
    expect(counts(app).redeliveries).toBe(0);
    expect(await deadWith(idempotencyKey)).toHaveLength(1);
  });

  it('counts its attempts on through a lost connection: never more than maximumRedeliveries + 1', async () => {
    const queue = bench.queue();
    const proxy = await bench.proxy();
    const attempts: number[] = [];
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, redelivery: { maximumRedeliveries: 3, initialRedeliveryDelay: 50, redeliveryDelay: 50 } })
      handle(message: JmsMessage): never {
        attempts.push(message.deliveryCount);
        if (attempts.length === 2) proxy.cut();
        throw new Error('no');
      }
    }
    const brokerUrl = `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10`;
    const app = await bench.app({ providers: [Orders], options: { brokerUrl } });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(counts(app).deadLettered).toBe(1), 10_000);
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(await deadWith(idempotencyKey)).toHaveLength(1);
  });
});

describe('an acknowledgement', () => {
  it('comes after success only: a message whose connection dies in the middle comes back', async () => {
    const queue = bench.queue();
    const proxy = await bench.proxy();
    const { promise: release, resolve } = deferred();
    const started = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      async handle(order: string): Promise<void> {
        started(order);
        await release;
      }
    }
    const brokerUrl = `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10`;
    const app = await bench.app({ providers: [Orders], options: { brokerUrl } });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), 10_000);
    // Another consumer gets it as soon as the connection is gone: it was not acknowledged.
    const other = await (await bench.client()).take(queue);
    proxy.break();
    await vi.waitFor(() => expect(other.frames.map(({ body }) => body.toString())).toEqual(['x']), 10_000);
    expect(other.frames[0]?.headers['redelivered']).toBe('true');
    resolve();
    await other.stop();
    proxy.repair();
    // The handler had succeeded: the copy that comes back here is acknowledged without running it again.
    await vi.waitFor(() => expect(counts(app)).toMatchObject({ acknowledged: 1, duplicates: 1 }), 20_000);
    expect(started).toHaveBeenCalledTimes(1);
    const client = await bench.client();
    await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
  });

  it('of a message that came again while its handler still runs goes to the new delivery, and the handler runs once', async () => {
    const queue = bench.queue();
    const proxy = await bench.proxy();
    const { promise: release, resolve } = deferred();
    const started = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, concurrency: 3 })
      async handle(order: string): Promise<void> {
        started(order);
        await release;
      }
    }
    const brokerUrl = `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10`;
    const app = await bench.app({ providers: [Orders], options: { brokerUrl } });
    const registry = app.get(JmsListenerEndpointRegistry);
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), 10_000);
    proxy.cut();
    await vi.waitFor(() => expect(registry.isRunning()).toBe(false), { timeout: 10_000, interval: 1 });
    await vi.waitFor(() => expect(registry.isRunning()).toBe(true), 10_000);
    // A second message shows that the redelivery of the first has arrived before it.
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'y');
    await vi.waitFor(() => expect(started).toHaveBeenCalledWith('y'), 10_000);
    resolve();
    const client = await bench.client();
    await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
    expect(started.mock.calls).toEqual([['x'], ['y']]);
    expect(counts(app)).toMatchObject({ acknowledged: 2, redeliveries: 0 });
  });
});

describe('a listener on a dead letter queue', () => {
  it.each([
    ['ActiveMQ.DLQ', 'orders'],
    ['DLQ.own', 'own'],
  ])('never destroys a dead letter of %s', async (_, name) => {
    const queue = bench.queue(name);
    const dlq = name === 'own' ? `DLQ.${queue}` : 'ActiveMQ.DLQ';
    const options: ActiveMqModuleOptions = name === 'own' ? { deadLetter: new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' }) } : {};
    const first = await bench.app({ providers: [failing(queue)], options });
    const { idempotencyKey } = await first.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(counts(first).deadLettered).toBe(1), 10_000);
    await first.close();

    const second = await bench.app({ providers: [failing(dlq, `idempotencyKey = '${idempotencyKey}'`)] });
    await vi.waitFor(() => expect(counts(second).released).toBe(1), 10_000);
    await second.close();
    const left = (await (await bench.client()).browse(dlq)).filter(({ headers }) => headers['idempotencyKey'] === idempotencyKey);
    expect(left.map(({ body }) => body.toString())).toEqual(['x']);

    const handled: unknown[] = [];
    @Injectable()
    class Repair {
      @JmsListener({ destination: dlq, selector: `idempotencyKey = '${idempotencyKey}'` })
      handle(order: unknown): void {
        handled.push(order);
      }
    }
    await bench.app({ providers: [Repair] });
    await vi.waitFor(() => expect(handled).toEqual(['x']), 10_000);
  });
});

/** A listener that fails every time, without a pause. */
function failing(destination: string, selector?: string) {
  @Injectable()
  class Failing {
    @JmsListener({ destination, selector, redelivery: { maximumRedeliveries: 1, initialRedeliveryDelay: 0 } })
    handle(_order: unknown): never {
      throw new Error('no');
    }
  }
  return Failing;
}
