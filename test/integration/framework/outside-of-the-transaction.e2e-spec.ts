import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { type ErrorHandlerDecision, JmsListener, JmsMessagingTemplate } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { countsOf, FAST, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** A `transacted` listener that takes a message from another queue, sends it to `out` and fails. */
async function failing(decision: ErrorHandlerDecision | undefined) {
  const [queue, stock, out] = [bench.queue(), bench.queue('stock'), bench.queue('out')];
  const taken: unknown[] = [];
  @Injectable()
  class Orders {
    constructor(private readonly jms: JmsMessagingTemplate) {}

    @JmsListener({ destination: queue, ackMode: 'transacted', redelivery: FAST, errorHandler: () => decision })
    async handle(_order: string): Promise<void> {
      const item = await this.jms.receiveAndConvert(stock, { timeout: -1 });
      taken.push(item);
      await this.jms.convertAndSend(out, item ?? 'nothing');
      throw new Error('no');
    }
  }
  const app = await bench.app({ providers: [Orders] });
  const jms = app.get(JmsMessagingTemplate);
  await jms.convertAndSend(stock, 'tea');
  await jms.convertAndSend(queue, 'x');
  return { app, queue, stock, out, taken, client: await bench.client() };
}

it('what a transacted handler receives with the template is no part of its transaction: it is gone after the first attempt', async () => {
  const { app, stock, out, taken, client } = await failing(undefined);
  await until(() => expect(countsOf(app).deadLettered).toBe(1));
  expect(taken).toEqual(['tea', undefined, undefined]);
  expect([await client.bodies(stock), await client.bodies(out)]).toEqual([[], []]);
});

it("an error handler that answers 'ack' acknowledges the message, and what the handler sent is dropped", async () => {
  const { app, queue, out, taken, client } = await failing('ack');
  await until(() => expect(countsOf(app).acknowledged).toBe(1));
  expect([await client.bodies(queue), await client.bodies(out), taken]).toEqual([[], [], ['tea']]);
});
