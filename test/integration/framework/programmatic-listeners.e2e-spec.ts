import 'reflect-metadata';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ActiveMqModule,
  IllegalStateError,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessage,
  JmsMessagingTemplate,
} from 'nestjs-activemq';
import { of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const FAST = { redelivery: { maximumRedeliveries: 1, initialRedeliveryDelay: 1, redeliveryDelay: 1 } };

describe('registerListener', () => {
  it('makes a function a listener, with the options, the replies and the start-up line of a decorated one', async () => {
    const [queue, receipts] = [bench.queue(), bench.queue('receipts')];
    const lines: string[] = [];
    const logger = { log: (line: string) => void lines.push(line), warn: () => undefined, error: () => undefined };
    const app = await bench.app({ options: { logger, placeholders: () => queue } });
    const registry = app.get(JmsListenerEndpointRegistry);
    const container = registry.registerListener(
      { id: 'tenant', destination: '${queue}', selector: "tenant = 'a'", concurrency: 2, sendTo: receipts },
      (message: JmsMessage<{ id: number }>) => of(0, message.payload.id * 2),
    );
    await container.whenSubscribed();
    expect(lines.filter((line) => line.includes("'tenant'"))).toEqual([
      expect.stringContaining(`Listener 'tenant' (registry.registerListener): queue://${queue}, selector tenant = 'a', concurrency 2`),
    ]);
    await app.get(JmsMessagingTemplate).convertAndSend(queue, { id: 7 }, { headers: { tenant: 'a' } });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, { id: 8 }, { headers: { tenant: 'b' } });
    const client = await bench.client();
    await vi.waitFor(
      async () => expect([await client.bodies(receipts), await client.bodies(queue)]).toEqual([['14'], ['{"id":8}']]),
      10_000,
    );
    expect(registry.getListenerContainerIds()).toEqual(['tenant']);
  });

  it('settles as a decorated one does: redelivery, dead letter, manual decisions', async () => {
    const [queue, manual] = [bench.queue(), bench.queue('manual')];
    const app = await bench.app({ options: FAST });
    const registry = app.get(JmsListenerEndpointRegistry);
    const failing = registry.registerListener({ id: 'failing', destination: queue }, (message) =>
      Promise.reject(new Error(message.text())),
    );
    const deciding = registry.registerListener({ id: 'deciding', destination: manual, ackMode: 'manual' }, (message, acknowledgment) =>
      message.deliveryCount === 1 ? acknowledgment.recover() : acknowledgment.acknowledge(),
    );
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await app.get(JmsMessagingTemplate).convertAndSend(manual, 'x');
    await vi.waitFor(() => expect(failing.counts).toMatchObject({ redeliveries: 1, deadLettered: 1, acknowledged: 0 }), 10_000);
    await vi.waitFor(() => expect(deciding.counts).toMatchObject({ redeliveries: 1, deadLettered: 0, acknowledged: 1 }), 10_000);
  });

  it('works from onModuleInit on; the listener starts with the application, and not when it is told not to', async () => {
    const queue = bench.queue();
    const states: string[] = [];
    @Injectable()
    class Tenants implements OnModuleInit {
      constructor(private readonly registry: JmsListenerEndpointRegistry) {}
      onModuleInit(): void {
        states.push(this.registry.registerListener({ id: 'early', destination: queue }, () => undefined).state);
        states.push(this.registry.registerListener({ id: 'idle', destination: queue, autoStartup: false }, () => undefined).state);
      }
    }
    const app = await bench.app({ providers: [Tenants] });
    const registry = app.get(JmsListenerEndpointRegistry);
    expect(states).toEqual(['stopped', 'stopped']);
    expect([registry.isRunning('early'), registry.isRunning('idle')]).toEqual([true, false]);
  });

  it('listens on the connection it names', async () => {
    const queue = bench.queue();
    const second = ActiveMqModule.forRoot({ name: 'second', brokerUrl: bench.cluster.brokerUrl, startup: 'wait' });
    const app = await bench.app({ imports: [second] });
    const registry = app.get(JmsListenerEndpointRegistry);
    const heard = vi.fn();
    await registry.registerListener({ id: 'other', destination: queue, connection: 'second' }, heard).whenSubscribed();
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), 10_000);
    expect(() => registry.registerListener({ id: 'nowhere', destination: queue, connection: 'third' }, heard)).toThrow(
      "Listener 'nowhere' cannot be registered on the connection 'third', which does not exist; the connections are default, second",
    );
  });

  it('refuses what a decorated one would be refused for, and an id that is taken', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener({ id: 'orders', destination: queue })
      handle(): void {}
    }
    const app = await bench.app({ providers: [Orders] });
    const registry = app.get(JmsListenerEndpointRegistry);
    const register =
      (options: object, handler: unknown = () => undefined) =>
      () =>
        registry.registerListener({ id: 'x', destination: queue, ...options }, handler as () => void);
    expect(register({ id: 'orders' })).toThrow("Two listeners have the id 'orders'");
    expect(register({ id: '' })).toThrow('registerListener(): `id` must be a text');
    expect(register({ concurency: 3 })).toThrow(
      /Listener 'x' \(registry.registerListener\): unknown option `concurency`. Did you mean `concurrency`/,
    );
    expect(register({ prefetch: 0 })).toThrow(/`prefetch` is 0/);
    expect(register({ destination: '/nowhere' })).toThrow(/unknown prefix/);
    expect(register({}, 'no function')).toThrow("registerListener() of 'x': `handler` must be a function");
    expect(registry.getListenerContainerIds()).toEqual(['orders']);
  });

  it('is over when the application shuts down, and what it made is drained then', async () => {
    const queue = bench.queue();
    const app = await bench.app({});
    const registry = app.get(JmsListenerEndpointRegistry);
    const handled: string[] = [];
    let started!: () => void;
    const isRunning = new Promise<void>((resolve) => (started = resolve));
    const container = registry.registerListener({ id: 'slow', destination: queue }, async (message) => {
      started();
      await new Promise((resolve) => setImmediate(resolve));
      handled.push(message.text());
    });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await isRunning;
    await app.close();
    expect([handled, container.state]).toEqual([['x'], 'stopped']);
    expect(() => registry.registerListener({ id: 'late', destination: queue }, () => undefined)).toThrow(IllegalStateError);
  });
});

describe('unregisterListener', () => {
  it('stops a listener, and frees its id', async () => {
    const queue = bench.queue();
    const app = await bench.app({});
    const registry = app.get(JmsListenerEndpointRegistry);
    const [first, second] = [vi.fn(), vi.fn()];
    const container = registry.registerListener({ id: 'orders', destination: queue }, first);
    await container.whenSubscribed();
    await registry.unregisterListener('orders');
    expect([container.state, registry.getListenerContainerIds()]).toEqual(['stopped', []]);
    expect(() => container.start()).toThrow("Listener 'orders' was unregistered");
    await registry.registerListener({ id: 'orders', destination: queue }, second).whenSubscribed();
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(second).toHaveBeenCalledTimes(1), 10_000);
    expect(first).not.toHaveBeenCalled();
    await expect(registry.unregisterListener('nobody')).rejects.toThrow("No listener has the id 'nobody'");
  });
});
