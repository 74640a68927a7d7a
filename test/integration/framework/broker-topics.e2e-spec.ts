import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsListener, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

it('ActiveMQ.Advisory.*: a listener hears what the broker tells of a queue', async () => {
  const queue = bench.queue();
  const heard: string[] = [];
  @Injectable()
  class Advisories {
    @JmsListener(`topic://ActiveMQ.Advisory.Consumer.Queue.${queue}`)
    onConsumer(message: JmsMessage): void {
      heard.push(`${message.type} ${message.headers['consumerCount']}`);
    }
  }
  const app = await bench.app({ providers: [Advisories] });
  await app.get(JmsMessagingTemplate).receive(queue, { timeout: 1 });
  await vi.waitFor(() => expect(heard[0]).toBe('Advisory 1'), 10_000);
});

it('ActiveMQ.Statistics.*: the figures of a queue are the reply to a request, as XML', async () => {
  const queue = bench.queue();
  const jms = (await bench.app({})).get(JmsMessagingTemplate);
  await jms.convertAndSend(queue, 'x');
  const figures = await jms.convertSendAndReceive(`ActiveMQ.Statistics.Destination.${queue}`, '', { timeout: 10_000 });
  expect(figures).toMatch(/<string>size<\/string>\s*<long>1<\/long>/);
});
