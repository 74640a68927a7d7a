import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { type AckMode, JmsListener, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

describe('a request to a listener of the same application', () => {
  it.each<[string, AckMode]>([
    ['ActiveMQ', 'auto'],
    ['ActiveMQ', 'transacted'],
    ['embedded', 'auto'],
    ['embedded', 'transacted'],
  ])("gets its reply: on %s, in mode '%s'", async (broker, ackMode) => {
    const queue = bench.queue();
    @Injectable()
    class Prices {
      @JmsListener({ destination: queue, ackMode })
      price({ sku }: { sku: string }): { price: string } {
        return { price: `of ${sku}` };
      }
    }
    const options = broker === 'embedded' ? { brokerUrl: 'vm://itself' } : {};
    const app = await bench.app({ providers: [Prices], options });
    const jms = app.get(JmsMessagingTemplate);
    const replies = await Promise.all(['a', 'b', 'c'].map((sku) => jms.convertSendAndReceive(queue, { sku }, { timeout: 5_000 })));
    expect(replies).toEqual([{ price: 'of a' }, { price: 'of b' }, { price: 'of c' }]);
  });
});
