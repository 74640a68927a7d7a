import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { JmsListener } from '../listener/jms-listener.decorator.js';
import { ActiveMqModule } from '../module/activemq.module.js';
import { InjectJmsTemplate } from '../module/tokens.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import { ActiveMqTestingModule } from './activemq-testing.module.js';
import { JmsTestHarness } from './jms-test-harness.js';
import { SILENT } from './testing.fixture.js';

@Injectable()
class Orders {
  constructor(@InjectJmsTemplate('billing') private readonly billing: JmsMessagingTemplate) {}

  @JmsListener({ id: 'orders', destination: '${orders.queue}' })
  async onOrder(order: unknown): Promise<void> {
    await this.billing.convertAndSend('invoices', order);
  }

  @JmsListener({ id: 'invoices', destination: 'invoices', connection: 'billing' })
  onInvoice(invoice: { readonly isWrong?: boolean }): void {
    if (invoice.isWrong) throw new Error('wrong');
  }
}

// As in production: neither of these brokers exists.
@Module({
  imports: [
    ActiveMqModule.forRoot({
      brokerUrl: 'failover:(stomp://127.0.0.1:1)?maxReconnectAttempts=0',
      user: 'app',
      password: 'secret',
      startup: 'fail',
      placeholders: (key) => (key === 'orders.queue' ? 'shop.orders' : undefined),
    }),
    ActiveMqModule.forRootAsync({
      name: 'billing',
      useFactory: () => Promise.resolve({ brokerUrl: 'stomp+ssl://127.0.0.1:2', redelivery: { maximumRedeliveries: 1 } }),
    }),
  ],
  providers: [Orders],
})
class AppModule {}

const ending: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

async function boot(harness = new JmsTestHarness({ overrides: { logger: SILENT } })) {
  const app = await harness.redirect(Test.createTestingModule({ imports: [AppModule] })).compile();
  ending.push(async () => {
    await app.close();
    await harness.close();
  });
  await app.init();
  return { app, harness };
}

describe('redirect', () => {
  it('leads an application from its brokers to embedded ones, and keeps its other options', async () => {
    const { app, harness } = await boot();
    expect(app.get(ActiveMqConnection).brokerUri).toBe('vm://a');
    expect(await harness.publishAndWait('shop.orders', { id: 1 })).toMatchObject({ kind: 'acknowledged', listenerId: 'orders' });
    expect(await harness.waitForOutcome({ listenerId: 'invoices' })).toMatchObject({ kind: 'acknowledged' });
    expect(harness.sentTo('invoices')).toMatchObject([{ connection: 'billing', payload: { id: 1 } }]);
  });

  it('gives each connection a broker and its own policy', async () => {
    const { harness } = await boot();
    const outcome = await harness.publishAndWait('invoices', { isWrong: true }, { connection: 'billing' });
    expect(outcome).toMatchObject({ kind: 'dead-lettered', attempts: 2 });
    expect([harness.deadLetters().length, harness.deadLetters('billing').length]).toEqual([0, 1]);
    await harness.publish('invoices', 'nobody listens to it on this broker');
    expect([harness.queue('invoices').depth, harness.queue('invoices', 'billing').depth]).toEqual([1, 0]);
    expect([harness.broker.running, harness.brokerOf('billing').running]).toEqual([true, true]);
  });

  it('lets options of the test win', async () => {
    const { harness } = await boot(new JmsTestHarness({ overrides: { logger: SILENT, redelivery: { maximumRedeliveries: 0 } } }));
    const outcome = await harness.publishAndWait('invoices', { isWrong: true }, { connection: 'billing' });
    expect(outcome).toMatchObject({ kind: 'dead-lettered', attempts: 1 });
  });

  it('leads a restarted application to the same broker: what was not handled is there', async () => {
    const { app, harness } = await boot();
    await app.get(JmsListenerEndpointRegistry).stop('orders');
    await harness.publish('shop.orders', { id: 1 });
    await app.close();
    expect(harness.queue('shop.orders').browse()).toMatchObject([{ text: '{"id":1}' }]);
    const again = await harness.redirect(Test.createTestingModule({ imports: [AppModule] })).compile();
    ending.unshift(() => again.close());
    await again.init();
    const outcomes = await harness.waitForOutcomes({ listenerId: 'orders' }, 1);
    expect(outcomes).toMatchObject([{ kind: 'acknowledged', message: { payload: { id: 1 } } }]);
    expect(await harness.publishAndWait('shop.orders', { id: 2 })).toMatchObject({ kind: 'acknowledged' });
  });
});

describe('ActiveMqTestingModule', () => {
  it('has as many connections as it is given', async () => {
    const testing = ActiveMqTestingModule.forRoot({
      connections: [{ placeholders: () => 'orders' }, { name: 'billing' }],
      overrides: { logger: SILENT },
    });
    const app = await Test.createTestingModule({ imports: [testing], providers: [Orders] }).compile();
    ending.push(() => app.close());
    await app.init();
    const harness = app.get(JmsTestHarness);
    await harness.publishAndWait('orders', { id: 3 });
    expect(await harness.waitForOutcome({ listenerId: 'invoices' })).toMatchObject({ kind: 'acknowledged' });
  });
});
