import 'reflect-metadata';
import { type INestApplication, Injectable } from '@nestjs/common';
import {
  ActiveMqModule,
  type ActiveMqModuleOptions,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
} from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const QUIET: ActiveMqModuleOptions = { logger: { log: () => undefined, error: () => undefined, warn: () => undefined } };

/** A durable listener on its connection, one on a queue of the default connection, and what they heard. */
function listeners(topic: string, queue: string, connection?: string) {
  const heard: string[] = [];
  @Injectable()
  class Listeners {
    @JmsListener({ id: 'prices', destination: `topic://${topic}`, subscription: 'prices', connection })
    onPrice(price: string): void {
      heard.push(`price ${price}`);
    }
    @JmsListener({ id: 'orders', destination: queue })
    onOrder(order: string): void {
      heard.push(`order ${order}`);
    }
  }
  return { Listeners, heard };
}

const statesOf = (app: INestApplication) =>
  ['prices', 'orders'].map((id) => app.get(JmsListenerEndpointRegistry).getListenerContainer(id)?.state);

it('belong to one process at a time: in the next one every listener of the connection waits, and takes over when the first has ended', async () => {
  const [topic, queue, clientId] = [bench.queue('prices'), bench.queue(), randomUUID()];
  const [old, next] = [listeners(topic, queue), listeners(topic, queue)];
  const one = await bench.app({ providers: [old.Listeners], options: { clientId } });
  const brokerUrl = `failover:(stomp://127.0.0.1:${bench.port})?maxReconnectDelay=200`;
  const two = await bench.app({ providers: [next.Listeners], options: { ...QUIET, clientId, brokerUrl, startup: 'background' } });
  const jms = two.get(JmsMessagingTemplate);
  await jms.convertAndSend(queue, '1');
  await vi.waitFor(() => expect(old.heard).toEqual(['order 1']), 10_000);
  expect([statesOf(one), statesOf(two)]).toEqual([
    ['running', 'running'],
    ['starting', 'starting'],
  ]);
  await one.close();
  await jms.convertAndSend(`topic://${topic}`, '2');
  await vi.waitFor(() => expect(next.heard).toEqual(['price 2']), 10_000);
  await vi.waitFor(() => expect(statesOf(two)).toEqual(['running', 'running']), 10_000);
});

it('of a connection of their own hold up nothing else', async () => {
  const [topic, queue, clientId] = [bench.queue('prices'), bench.queue(), randomUUID()];
  const start = async ({ Listeners }: ReturnType<typeof listeners>) => {
    const durable = { name: 'durable', brokerUrl: `stomp://127.0.0.1:${bench.port}`, clientId, ...QUIET };
    return bench.app({ providers: [Listeners], imports: [ActiveMqModule.forRoot(durable)] });
  };
  const [old, next] = [listeners(topic, queue, 'durable'), listeners(topic, queue, 'durable')];
  const one = await start(old);
  await vi.waitFor(() => expect(statesOf(one)).toEqual(['running', 'running']), 10_000);
  const two = await start(next);
  expect(statesOf(two)).toEqual(['starting', 'running']);
  for (let order = 0; order < 4; order++) await two.get(JmsMessagingTemplate).convertAndSend(queue, String(order));
  await vi.waitFor(() => expect([old.heard.length, next.heard.length]).toEqual([2, 2]), 10_000);
});
