import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { type ActiveMqModuleOptions, JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

async function appWith(listener: { autoStartup?: boolean; gate?: Promise<void> } = {}, options: ActiveMqModuleOptions = {}) {
  const queue = bench.queue();
  const handled: string[] = [];
  const started: string[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ id: 'orders', destination: queue, autoStartup: listener.autoStartup })
    async handle(order: string): Promise<void> {
      started.push(order);
      await listener.gate;
      handled.push(order);
    }
  }
  const app = await bench.app({ providers: [Orders], options });
  const registry = app.get(JmsListenerEndpointRegistry);
  const container = registry.getListenerContainer('orders')!;
  return { queue, handled, started, app, registry, container, jms: app.get(JmsMessagingTemplate), client: await bench.client() };
}

describe('JmsListenerEndpointRegistry', () => {
  it.each<[string, ...Parameters<typeof appWith>]>([
    ['the decorator', { autoStartup: false }],
    ['the module, for all listeners', {}, { listener: { autoStartup: false } }],
  ])('starts what does not start by itself, as %s says, and stops it', async (_, listener, options) => {
    const { queue, handled, registry, container, jms, client } = await appWith(listener, options);
    await jms.convertAndSend(queue, 'a');
    expect([container.state, registry.isRunning('orders'), handled]).toEqual(['stopped', false, []]);
    registry.start('orders');
    await container.whenSubscribed();
    expect(registry.isRunning('orders')).toBe(true);
    await vi.waitFor(() => expect(handled).toEqual(['a']), 10_000);
    await registry.stop('orders');
    expect(container.state).toBe('stopped');
    await jms.convertAndSend(queue, 'b');
    expect(await client.bodies(queue)).toEqual(['b']);
    registry.start();
    await vi.waitFor(() => expect(handled).toEqual(['a', 'b']), 10_000);
  });

  it('pauses: the subscription stays, nothing new is handled until resume', async () => {
    const { queue, handled, registry, container, jms } = await appWith();
    registry.pause('orders');
    expect(container.state).toBe('paused');
    await jms.convertAndSend(queue, 'a');
    await vi.waitFor(() => expect(container.unsettledMessages).toBe(1), 10_000);
    expect(handled).toEqual([]);
    registry.resume('orders');
    await vi.waitFor(() => expect(handled).toEqual(['a']), 10_000);
    expect(container.state).toBe('running');
  });

  it('lets the running handler finish and be acknowledged when it stops; what waits goes back in order', async () => {
    const { promise: gate, resolve } = deferred();
    const { queue, handled, started, registry, container, jms, client } = await appWith({ gate });
    for (const order of ['a', 'b', 'c', 'd']) await jms.convertAndSend(queue, order);
    await vi.waitFor(() => expect([started, container.unsettledMessages]).toEqual([['a'], 4]), 10_000);
    const stopped = vi.fn();
    const stop = registry.stop('orders').then(stopped);
    expect(container.state).toBe('stopping');
    // What comes meanwhile lies behind what goes back.
    await jms.convertAndSend(queue, 'e');
    expect(stopped).not.toHaveBeenCalled();
    resolve();
    await stop;
    expect([handled, started]).toEqual([['a'], ['a']]);
    const other = await client.take(queue);
    await vi.waitFor(() => expect(other.frames).toHaveLength(4), 10_000);
    expect(other.frames.map(({ body }) => body.toString())).toEqual(['b', 'c', 'd', 'e']);
  });

  it('gives up waiting for a handler after its timeout: the message is redelivered, elsewhere', async () => {
    const { promise: gate, resolve } = deferred();
    const { queue, registry, started, container, jms, client } = await appWith({ gate });
    await jms.convertAndSend(queue, 'a');
    await vi.waitFor(() => expect(started).toEqual(['a']), 10_000);
    await registry.stop('orders', 20);
    const other = await client.take(queue);
    await vi.waitFor(() => expect(other.frames).toHaveLength(1), 10_000);
    expect(other.frames[0]?.headers['redelivered']).toBe('true');
    resolve();
    await vi.waitFor(() => expect(container.activeHandlers).toBe(0), 10_000);
    expect(await client.bodies(queue)).toEqual(['a']);
  });

  it('starts again what is told to while it stops, and stays stopped when told so last', async () => {
    const { registry, container } = await appWith();
    const stop = registry.stop('orders');
    registry.start('orders');
    await stop;
    await container.whenSubscribed();
    expect(container.state).toBe('running');
    const again = registry.stop('orders');
    registry.start('orders');
    await Promise.all([again, registry.stop('orders')]);
    expect(container.state).toBe('stopped');
  });

  it('knows the listeners it has, and says so when asked for another', async () => {
    const { registry } = await appWith();
    expect(() => registry.start('ordres')).toThrow("No listener has the id 'ordres'; the listeners are orders");
    await expect(registry.stop('ordres')).rejects.toThrow(/No listener has the id/);
    expect(registry.getListenerContainer('ordres')).toBeUndefined();
  });
});
