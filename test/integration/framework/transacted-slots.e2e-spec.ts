import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsListener, JmsListenerEndpointRegistry, JmsMessage, JmsMessagingTemplate, Message } from 'nestjs-activemq';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const MESSAGES = 60;

it('commits each message with its own sends, although the slots of two listeners commit and roll back on one connection', async () => {
  const queues = [bench.queue('a'), bench.queue('b')] as const;
  const out = bench.queue('out');
  const redelivery = { maximumRedeliveries: 5, initialRedeliveryDelay: 1, redeliveryDelay: 1 };
  @Injectable()
  class Listeners {
    constructor(private readonly jms: JmsMessagingTemplate) {}
    @JmsListener({ destination: queues[0], id: 'a', concurrency: 4, ackMode: 'transacted', redelivery })
    async a(@Message() message: JmsMessage<string>): Promise<void> {
      await this.relay(message);
    }
    @JmsListener({ destination: queues[1], id: 'b', concurrency: 4, ackMode: 'transacted', redelivery })
    async b(@Message() message: JmsMessage<string>): Promise<void> {
      await this.relay(message);
    }
    private async relay({ payload, deliveryCount }: JmsMessage<string>): Promise<void> {
      await this.jms.convertAndSend(out, payload);
      await delay(Math.random() * 5);
      // Every third one is rolled back twice before it succeeds.
      if (Number(/\d+/.exec(payload)) % 3 === 0 && deliveryCount < 3) throw new Error('rolled back');
    }
  }
  const client = await bench.client();
  const expected: string[] = [];
  for (const queue of queues) {
    for (let n = 0; n < MESSAGES; n++) {
      const text = `${queue.slice(0, 1)}${n}`;
      expected.push(text);
      await client.send(queue, text, { 'amq-msg-type': 'text', 'content-type': 'text/plain' });
    }
  }
  const app = await bench.app({ providers: [Listeners] });
  const registry = app.get(JmsListenerEndpointRegistry);
  const acknowledged = () => registry.getListenerContainers().reduce((sum, { counts }) => sum + counts.acknowledged, 0);
  await vi.waitFor(() => expect(acknowledged()).toBe(2 * MESSAGES), { timeout: 40_000 });
  await app.close();
  expect([...(await client.bodies(out))].sort()).toEqual(expected.sort());
  expect([await client.bodies(queues[0]), await client.bodies(queues[1])]).toEqual([[], []]);
});
