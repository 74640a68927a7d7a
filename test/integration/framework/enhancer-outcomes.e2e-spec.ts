import 'reflect-metadata';
import { Injectable, SetMetadata, UseFilters, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import { getJmsArguments, JmsListener, JmsMessagingTemplate } from 'nestjs-activemq';
import { from, mergeMap, NEVER, of, timeout } from 'rxjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { calls, countsOf, HandlingFilter, Names, NamingGuard, Order, OrderPipe, RethrowingFilter } from './enhancers.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const FAST = { maximumRedeliveries: 2, initialRedeliveryDelay: 1, redeliveryDelay: 1 };
const DLQ = 'ActiveMQ.DLQ';
beforeEach(() => void calls.splice(0));

describe('what they make of a message', () => {
  const dead = async (body: string) => (await (await bench.client()).bodies(DLQ)).filter((found) => found === body);

  it('a guard that says no: the handler never runs, the message is dead-lettered at once', async () => {
    const queue = bench.queue();
    const handle = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @UseGuards(NamingGuard)
      @SetMetadata('role', 'nobody')
      handle(order: string): void {
        handle(order);
      }
    }
    const app = await bench.app({ providers: [Orders, Names] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, queue);
    await vi.waitFor(() => expect(countsOf(app).deadLettered).toBe(1), 10_000);
    expect(handle).not.toHaveBeenCalled();
    expect(calls).toHaveLength(1);
    expect(await dead(queue)).toEqual([queue]);
  });

  it('a pipe that refuses: dead-lettered at once', async () => {
    const queue = bench.queue();
    const handle = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @UsePipes(new OrderPipe(new Names()))
      handle(order: Order): void {
        handle(order);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, queue);
    await vi.waitFor(() => expect(countsOf(app).deadLettered).toBe(1), 10_000);
    expect(handle).not.toHaveBeenCalled();
    expect(countsOf(app).redeliveries).toBe(0);
    expect(await dead(queue)).toEqual([queue]);
  });

  it('a body that is no JSON: dead-lettered at once, within reach of filters', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @UseFilters(RethrowingFilter)
      handle(_order: object): void {
        calls.push('handle');
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await (await bench.client()).send(queue, `{${queue}`, { 'content-type': 'application/json' });
    await vi.waitFor(() => expect(countsOf(app).deadLettered).toBe(1), 10_000);
    expect(calls).toEqual([expect.stringMatching(/^rethrow Message ID:.* its body is not JSON$/)]);
    expect(await dead(`{${queue}`)).toEqual([`{${queue}`]);
  });

  it('a filter that returns a value has handled the error: acknowledged', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @UseFilters(HandlingFilter)
      handle(order: string): never {
        throw new Error(`no ${order}`);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls).toEqual(['filter jms x no x']);
    const client = await bench.client();
    await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), 10_000);
  });

  it('a filter that rethrows has not: redelivered by the policy', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, redelivery: FAST })
      @UseFilters(new RethrowingFilter())
      handle(order: string): void {
        if (calls.length < 2) throw new Error(`no ${order}`);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls).toEqual(['rethrow no x', 'rethrow no x']);
    expect(countsOf(app).redeliveries).toBe(2);
  });

  it('a filter that returns nothing has not: redelivered too', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, redelivery: FAST })
      @UseFilters({ catch: () => void calls.push('filter') })
      handle(order: string): void {
        if (calls.length < 1) throw new Error(`no ${order}`);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(countsOf(app).redeliveries).toBe(1);
  });

  it('an Observable is awaited to its end, and its error is a failure', async () => {
    const queue = bench.queue();
    let attempts = 0;
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, redelivery: FAST })
      handle(order: string) {
        attempts++;
        return from([1, 2]).pipe(
          mergeMap(async (n) => {
            await Promise.resolve();
            if (n === 2 && attempts < 2) throw new Error(`no ${order}`);
            calls.push(`${attempts}.${n}`);
            return n;
          }),
        );
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls).toEqual(['1.1', '2.1', '2.2']);
  });

  it("an interceptor's timeout is a failure; one that answers itself keeps the handler from running", async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, redelivery: FAST })
      @UseInterceptors({ intercept: (_, next) => next.handle().pipe(timeout(20)) })
      @UseInterceptors({
        intercept: (context, next) => (getJmsArguments(context).message.deliveryCount > 1 ? of('cached') : next.handle()),
      })
      handle(order: string) {
        calls.push(order);
        return NEVER;
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls).toEqual(['x']);
    expect(countsOf(app).redeliveries).toBe(1);
  });
});
