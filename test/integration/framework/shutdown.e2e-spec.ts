import 'reflect-metadata';
import { type DynamicModule, Global, Injectable, Module, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { ActiveMqConnection, ActiveMqModule, JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** What a database module is to handlers: gone after `onModuleDestroy`. */
@Injectable()
class Database implements OnModuleDestroy {
  isOpen = true;
  readonly rows: string[] = [];
  insert(row: string): void {
    if (!this.isOpen) throw new Error('the database is closed');
    this.rows.push(row);
  }
  onModuleDestroy(): void {
    this.isOpen = false;
  }
}

@Global()
@Module({ providers: [Database], exports: [Database] })
class DatabaseModule {}

const activemq = (): DynamicModule => ActiveMqModule.forRoot({ brokerUrl: bench.cluster.brokerUrl, startup: 'wait' });

describe('at shutdown', () => {
  it.each<[string, (orders: DynamicModule) => DynamicModule['imports']]>([
    ['first', (orders) => [DatabaseModule, activemq(), orders]],
    ['between', (orders) => [activemq(), DatabaseModule, orders]],
    ['last', (orders) => [orders, activemq(), DatabaseModule]],
    ['reversed', (orders) => [orders, DatabaseModule, activemq()]],
  ])('handlers in flight finish before a global database closes: imported %s', async (_, importsOf) => {
    const queue = bench.queue();
    const { promise: gate, resolve } = deferred();
    const started = vi.fn();
    const errors: unknown[] = [];
    @Injectable()
    class Orders {
      constructor(private readonly database: Database) {}
      @JmsListener(queue)
      async handle(order: string): Promise<void> {
        started();
        await gate;
        try {
          this.database.insert(order);
        } catch (error) {
          errors.push(error);
          throw error;
        }
      }
    }
    @Module({})
    class OrdersModule {}
    const orders = { module: OrdersModule, providers: [Orders] };
    const app = await bench.app({ hasOwnModule: true, imports: importsOf(orders) });
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
    const database = app.get(Database);
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), 10_000);
    const closing = app.close();
    await vi.waitFor(() => expect(container.state).toBe('stopping'), 10_000);
    resolve();
    await closing;
    expect([database.rows, errors]).toEqual([['x'], []]);
    expect(container.counts).toMatchObject({ acknowledged: 1, redeliveries: 0, released: 0 });
    expect(await (await bench.client()).bodies(queue)).toEqual([]);
  });

  it('the template sends until the end: handlers, onModuleDestroy, onApplicationShutdown', async () => {
    const [queue, out] = [bench.queue(), bench.queue('out')];
    const { promise: gate, resolve } = deferred();
    const started = vi.fn();
    @Injectable()
    class Orders implements OnModuleDestroy, OnApplicationShutdown {
      constructor(private readonly jms: JmsMessagingTemplate) {}
      @JmsListener(queue)
      async handle(): Promise<void> {
        started();
        await gate;
        await this.jms.convertAndSend(out, 'handler');
      }
      async onModuleDestroy(): Promise<void> {
        await this.jms.convertAndSend(out, 'onModuleDestroy');
      }
      async onApplicationShutdown(): Promise<void> {
        await this.jms.convertAndSend(out, 'onApplicationShutdown');
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const connection = app.get(ActiveMqConnection);
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), 10_000);
    const closing = app.close();
    await vi.waitFor(() => expect(container.state).toBe('stopping'), 10_000);
    resolve();
    await closing;
    expect(connection.state).toBe('closed');
    const bodies = await (await bench.client()).bodies(out);
    expect([...bodies].sort((a, b) => a.localeCompare(b))).toEqual(['handler', 'onApplicationShutdown', 'onModuleDestroy']);
    await expect(app.get(JmsMessagingTemplate).convertAndSend(out, 'too late')).rejects.toMatchObject({
      name: 'SendError',
      outcome: 'not-sent',
    });
  });

  it('sends that nobody waits for are confirmed before the connection closes', async () => {
    const out = bench.queue('out');
    const app = await bench.app({});
    const jms = app.get(JmsMessagingTemplate);
    const sends = Array.from({ length: 100 }, (_, order) => jms.convertAndSend(out, order));
    await app.close();
    expect((await Promise.allSettled(sends)).filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await (await bench.client()).bodies(out)).toHaveLength(100);
  });

  it('a handler that never ends is waited for as long as shutdownTimeout, and its message is redelivered', async () => {
    const queue = bench.queue();
    const { promise: gate, resolve } = deferred();
    const started = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      async handle(): Promise<void> {
        started();
        await gate;
      }
    }
    const app = await bench.app({ providers: [Orders], options: { shutdownTimeout: 50 } });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), 10_000);
    await app.close();
    resolve();
    const other = await (await bench.client()).take(queue);
    await vi.waitFor(() => expect(other.frames.map(({ body }) => body.toString())).toEqual(['x']), 10_000);
  });
});
