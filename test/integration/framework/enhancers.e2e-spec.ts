import 'reflect-metadata';
import {
  type CanActivate,
  Injectable,
  Module,
  SetMetadata,
  StandardSchemaValidationPipe,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { JmsListener, JmsMessagingTemplate, Payload } from 'nestjs-activemq';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { calls, countsOf, HandlingFilter, Names, NamingGuard, NamingInterceptor, Order, OrderPipe } from './enhancers.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
beforeEach(() => void calls.splice(0));

describe('class references with their dependencies', () => {
  it('on the class: guard, interceptor, pipe, in the order of Nest', async () => {
    const queue = bench.queue();
    @Injectable()
    @UseGuards(NamingGuard)
    @UseInterceptors(NamingInterceptor)
    @UsePipes(OrderPipe)
    class Orders {
      @JmsListener(queue)
      @SetMetadata('role', 'clerk')
      handle(order: Order): string {
        calls.push(`handle ${order.constructor.name} ${order.id}`);
        return 'done';
      }
    }
    const app = await bench.app({ providers: [Orders, Names] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, '7');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls).toEqual([
      'guard jms true Orders.handle 7 clerk',
      'before jms true Orders.handle 7',
      'pipe body Order',
      'handle Order 7',
      'after done',
    ]);
  });

  it('on the method and on the parameter', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @UseGuards(NamingGuard)
      @UseInterceptors(NamingInterceptor)
      handle(@Payload(OrderPipe) order: Order): number {
        calls.push(`handle ${order.constructor.name}`);
        return order.id;
      }
    }
    const app = await bench.app({ providers: [Orders, Names] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, '7');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['guard', 'before', 'pipe', 'handle', 'after']);
  });
});

describe('global enhancers', () => {
  it('of providers (APP_GUARD, APP_INTERCEPTOR, APP_PIPE, APP_FILTER)', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(order: Order): never {
        throw new Error(`no ${order.id}`);
      }
    }
    const globals = [
      { provide: APP_GUARD, useClass: NamingGuard },
      { provide: APP_INTERCEPTOR, useClass: NamingInterceptor },
      { provide: APP_PIPE, useClass: OrderPipe },
      { provide: APP_FILTER, useClass: HandlingFilter },
    ];
    const app = await bench.app({ providers: [Orders, Names, ...globals] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, '7');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['guard', 'before', 'pipe', 'filter']);
  });

  it('of useGlobalGuards() and its kin', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(order: Order): never {
        throw new Error(`no ${order.id}`);
      }
    }
    const app = await bench.app({
      providers: [Orders],
      configure: (unstarted) => {
        unstarted.useGlobalGuards({ canActivate: (context) => calls.push(`guard ${context.getType<string>()}`) > 0 });
        unstarted.useGlobalInterceptors({
          intercept: (_, next) => {
            calls.push('before');
            return next.handle();
          },
        });
        unstarted.useGlobalPipes(new OrderPipe(new Names()));
        unstarted.useGlobalFilters(new HandlingFilter());
      },
    });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, '7');
    await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
    expect(calls).toEqual(['guard jms', 'before', 'pipe body Order', 'filter jms 7 no 7']);
  });
});

it('a guard gets the dependencies of the module its listener lives in', async () => {
  const queue = bench.queue();
  @Injectable()
  class Who {
    name = 'root';
  }
  @Injectable()
  class WhoGuard implements CanActivate {
    constructor(private readonly who: Who) {}
    canActivate(): boolean {
      calls.push(this.who.name);
      return true;
    }
  }
  @Injectable()
  @UseGuards(WhoGuard)
  class Orders {
    @JmsListener(queue)
    handle(_order: string): void {}
  }
  @Module({ providers: [Orders, { provide: Who, useValue: { name: 'feature' } }] })
  class Feature {}
  const app = await bench.app({ providers: [Who], imports: [Feature] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(1), 10_000);
  expect(calls).toEqual(['feature']);
});

it("a Standard Schema of a payload reaches Nest's pipe: what it makes is the payload, what it refuses is dead-lettered at once", async () => {
  const queue = bench.queue();
  const validate = (value: unknown) =>
    typeof (value as { id?: unknown }).id === 'number'
      ? { value: { id: (value as { id: number }).id } }
      : { issues: [{ message: 'id must be a number' }] };
  const schema = { '~standard': { version: 1, vendor: 'test', validate } };
  @Injectable()
  class Orders {
    @JmsListener(queue)
    handle(@Payload({ schema }) order: object): void {
      calls.push(JSON.stringify(order));
    }
  }
  const app = await bench.app({
    providers: [Orders],
    configure: (unstarted) => unstarted.useGlobalPipes(new StandardSchemaValidationPipe()),
  });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, { id: 'seven' });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, { id: 7, more: true });
  await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, deadLettered: 1, redeliveries: 0 }), 10_000);
  expect(calls).toEqual(['{"id":7}']);
});
