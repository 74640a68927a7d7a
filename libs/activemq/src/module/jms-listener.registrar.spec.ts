import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it, onTestFinished, vi } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { ActiveMqModule } from './activemq.module.js';

it('leaves no consumer of a listener that it refuses', async () => {
  const created = vi.spyOn(ActiveMqConnection.prototype, 'createConsumer');
  const logger = { log: () => undefined, warn: () => undefined, error: () => undefined };
  @Module({ imports: [ActiveMqModule.forRoot({ brokerUrl: 'stomp://127.0.0.1:1', logger })] })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  onTestFinished(async () => {
    created.mockRestore();
    await app.close();
  });
  const registry = app.get(JmsListenerEndpointRegistry);
  const register = () => registry.registerListener({ id: 'orders', destination: 'orders' }, () => undefined);
  register();
  expect(register).toThrow("Two listeners have the id 'orders'");
  expect(created).toHaveBeenCalledTimes(1);
});
