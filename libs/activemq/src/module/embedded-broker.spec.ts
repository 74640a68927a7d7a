import 'reflect-metadata';
import { type INestApplicationContext, Injectable, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { EmbeddedBroker, EmbeddedCluster } from '../embedded/index.js';
import { JmsListener } from '../listener/jms-listener.decorator.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import type { ActiveMqModuleOptions } from './activemq-module-options.js';
import { ActiveMqModule } from './activemq.module.js';

const SILENT: LoggerService = { log: () => undefined, error: () => undefined, warn: () => undefined };

@Injectable()
class Orders {
  readonly received: unknown[] = [];

  @JmsListener('orders')
  onOrder(order: unknown): void {
    this.received.push(order);
  }
}

const running: INestApplicationContext[] = [];

async function boot(options: ActiveMqModuleOptions, listening = true): Promise<INestApplicationContext> {
  @Module({ imports: [ActiveMqModule.forRoot({ startup: 'wait', logger: SILENT, ...options })], providers: listening ? [Orders] : [] })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  running.push(app);
  return app;
}

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

describe('vm://', () => {
  it('runs a broker inside the application, and says loudly that nothing is persistent', async () => {
    const warnings: unknown[] = [];
    const app = await boot({ brokerUrl: 'vm://localhost', logger: { ...SILENT, warn: (line: unknown) => warnings.push(line) } });
    await app.get(JmsMessagingTemplate).convertAndSend('orders', { id: 1 });
    await vi.waitFor(() => expect(app.get(Orders).received).toEqual([{ id: 1 }]), { timeout: 10_000 });
    expect(app.get(ActiveMqConnection).brokerUri).toBe('vm://localhost');
    expect(warnings.join()).toContain('NOTHING IS PERSISTENT');
  });

  it('shares nothing between two applications that use the same name', async () => {
    const producer = await boot({ brokerUrl: 'vm://localhost' }, false);
    const consumer = await boot({ brokerUrl: 'vm://localhost' });
    await producer.get(JmsMessagingTemplate).convertAndSend('orders', 'for nobody');
    await consumer.get(JmsMessagingTemplate).convertAndSend('orders', 'for me');
    await vi.waitFor(() => expect(consumer.get(Orders).received).toEqual(['for me']), { timeout: 10_000 });
  });

  it('uses the broker it is given, and leaves it running', async () => {
    const broker = await new EmbeddedBroker({ log: () => undefined }).start();
    const producer = await boot({ brokerUrl: 'vm://any', embeddedBroker: broker }, false);
    await producer.get(JmsMessagingTemplate).convertAndSend('orders', 'kept');
    await producer.close();
    expect(broker.queue('orders').depth).toBe(1);
    const consumer = await boot({ brokerUrl: 'vm://any', embeddedBroker: broker });
    await vi.waitFor(() => expect(consumer.get(Orders).received).toEqual(['kept']), { timeout: 10_000 });
    await consumer.close();
    expect(broker.running).toBe(true);
    await broker.stop();
  });

  it('fails over between the nodes of an embedded cluster', async () => {
    const cluster = await new EmbeddedCluster({ log: () => undefined }).start();
    const app = await boot({ brokerUrl: 'failover:(vm://a,vm://b)?randomize=false', embeddedBroker: cluster });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend('orders', 1);
    await vi.waitFor(() => expect(app.get(Orders).received).toEqual([1]), { timeout: 10_000 });
    const sends = [2, 3, 4].map((n) => jms.convertAndSend('orders', n));
    await cluster.killMaster();
    expect((await Promise.all(sends)).at(-1)?.brokerUri).toBe('vm://b');
    await vi.waitFor(() => expect(new Set(app.get(Orders).received)).toEqual(new Set([1, 2, 3, 4])), { timeout: 10_000 });
    await app.close();
    await cluster.stop();
  });

  it('says what refused when the broker it is given does not run', async () => {
    const broker = new EmbeddedBroker({ log: () => undefined });
    await expect(boot({ brokerUrl: 'vm://down', embeddedBroker: broker, startup: 'fail' })).rejects.toThrow(/vm:\/\/down.*ECONNREFUSED/);
  });
});
