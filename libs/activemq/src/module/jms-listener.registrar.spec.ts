import 'reflect-metadata';
import { Injectable, Module, type PipeTransform } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it, onTestFinished, vi } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { Payload } from '../listener/handler-parameter.decorators.js';
import { JmsListener } from '../listener/jms-listener.decorator.js';
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

it.each([
  [[], 1],
  [[{ transform: (value: unknown) => value }], 0],
] satisfies [PipeTransform[], number][])(
  'warns of a schema that nobody asks, when the application has all its pipes: %o',
  async (pipes, count) => {
    const warn = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener({ id: 'orders', destination: 'orders' })
      onOrder(@Payload({ schema: {} }) _order: object): void {}
    }
    @Module({
      imports: [
        ActiveMqModule.forRoot({ brokerUrl: 'stomp://127.0.0.1:1', logger: { log: () => undefined, warn, error: () => undefined } }),
      ],
      providers: [Orders],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false });
    onTestFinished(() => app.close());
    app.useGlobalPipes(...pipes);
    await app.init();
    const lines = warn.mock.calls.map(([line]) => String(line));
    expect(
      lines.filter((line) => line.startsWith("Listener 'orders': no pipe asks the `schema` of a parameter of Orders.onOrder")),
    ).toHaveLength(count);
  },
);
