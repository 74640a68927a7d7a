import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { type AckMode, JmsListener, type JmsMessage, JmsMessagingTemplate, Message, Payload } from 'nestjs-activemq';
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

  it('can be answered within the transaction of its listener, and not within one that knows nothing of its temporary queue', async () => {
    const queue = bench.queue();
    @Injectable()
    class Prices {
      readonly refusals: string[] = [];
      constructor(readonly jms: JmsMessagingTemplate) {}

      @JmsListener({ destination: queue, ackMode: 'transacted', selector: "kind = 'inside'" })
      async within(@Payload() price: number, @Message() { replyTo, correlationId }: JmsMessage): Promise<void> {
        await this.jms.convertAndSend(replyTo!, price + 1, { correlationId });
      }

      @JmsListener({ destination: queue, selector: "kind = 'outside'" })
      async outside(@Payload() price: number, @Message() { replyTo, correlationId }: JmsMessage): Promise<void> {
        const answer = () => this.jms.convertAndSend(replyTo!, price + 1, { correlationId });
        await this.jms.transaction(async () => {
          await answer().catch((error: Error) => this.refusals.push(error.message));
          await this.jms.withoutTransaction(answer);
        });
      }
    }
    const app = await bench.app({ providers: [Prices] });
    const jms = app.get(JmsMessagingTemplate);
    const ask = (kind: string) => jms.convertSendAndReceive(queue, 1, { timeout: 5_000, headers: { kind } });
    expect([await ask('inside'), await ask('outside')]).toEqual([2, 2]);
    expect(app.get(Prices).refusals).toEqual([expect.stringMatching(/^\/temp-queue\/.*withoutTransaction/)]);
  });
});
