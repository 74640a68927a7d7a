import 'reflect-metadata';
import { Catch, type ExceptionFilter, Injectable, UseFilters, type Type } from '@nestjs/common';
import {
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessage,
  JmsMessagingTemplate,
  JmsResponse,
  NonRetryableError,
  SendTo,
} from 'nestjs-activemq';
import { from, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { countsOf } from './enhancers.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const FAST = { redelivery: { maximumRedeliveries: 2, initialRedeliveryDelay: 1, redeliveryDelay: 1 } };

/** An application with one listener, and a requester beside it that hears a destination. */
async function requesting(listener: Type, replyTo: string, options = {}) {
  const app = await bench.app({ providers: [listener], options: { ...FAST, ...options } });
  const client = await bench.client();
  return { app, client, answers: await client.hear(replyTo), jms: app.get(JmsMessagingTemplate) };
}

describe('what a handler returns', () => {
  it.each(['/temp-queue/answers', '/temp-topic/answers', '/queue/answers.of.7', '/topic/answers.of.7'])(
    'is answered to %s, with its correlation id',
    async (replyTo) => {
      const queue = bench.queue();
      @Injectable()
      class Orders {
        @JmsListener(queue)
        handle(order: { id: number }): object {
          return { total: order.id * 2 };
        }
      }
      const { app, client, answers } = await requesting(Orders, replyTo);
      await client.send(queue, '{"id":7}', { 'content-type': 'application/json', 'reply-to': replyTo, 'correlation-id': 'c-1' });
      await client.send(queue, '{"id":8}', { 'content-type': 'application/json', 'reply-to': replyTo });
      await vi.waitFor(() => expect(answers.map(({ body }) => body.toString())).toEqual(['{"total":14}', '{"total":16}']), 10_000);
      expect(answers.map(({ headers }) => headers['content-type'])).toEqual(['application/json', 'application/json']);
      // Without a correlation id it is the message id, as JMS has it.
      expect(answers.map(({ headers }) => headers['correlation-id'])).toEqual(['c-1', expect.stringMatching(/^ID:/)]);
      expect(answers.map(({ headers }) => headers['persistent'])).toEqual(
        replyTo.startsWith('/temp') ? [undefined, undefined] : ['true', 'true'],
      );
      await vi.waitFor(() => expect(countsOf(app).acknowledged).toBe(2), 10_000);
    },
  );

  it('may be a promise, or an Observable, of which the last value counts', async () => {
    const queue = bench.queue();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(order: string) {
        return order === 'promise' ? Promise.resolve('promised') : order === 'late' ? from(Promise.resolve('late')) : of('first', 'last');
      }
    }
    const { client, answers } = await requesting(Orders, '/temp-queue/answers');
    for (const order of ['promise', 'late', 'observable'])
      await client.send(queue, order, { 'content-type': 'text/plain', 'reply-to': '/temp-queue/answers' });
    await vi.waitFor(() => expect(answers.map(({ body }) => body.toString())).toEqual(['promised', 'late', 'last']), 10_000);
  });

  it('goes to @SendTo of the method, or of the class, or where its function, the option `sendTo` or a JmsResponse says', async () => {
    const [queue, receipts, other, passing] = [bench.queue(), bench.queue('receipts'), bench.queue('other'), bench.queue('passing')];
    @Injectable()
    @SendTo('${receipts}')
    class Orders {
      @JmsListener(`${queue}.class`)
      byClass(order: string): string {
        return `class ${order}`;
      }
      @JmsListener(`${queue}.method`)
      @SendTo(other)
      byMethod(order: string): string {
        return `method ${order}`;
      }
      @JmsListener(`${queue}.function`)
      @SendTo((message: JmsMessage, result: unknown) => (result === 'none' ? undefined : message.headers['to']))
      byFunction(order: string): string {
        return order;
      }
      @JmsListener({ destination: `${queue}.option`, sendTo: passing, replyQosSettings: { persistent: false } })
      byOption(order: string): string {
        return `option ${order}`;
      }
      @JmsListener({ destination: `${queue}.response`, replyQosSettings: { priority: 7, timeToLive: 60_000 } })
      byResponse(order: string): JmsResponse<string> {
        return JmsResponse.forQueue(`response ${order}`, other, { headers: { region: 'EU' } });
      }
    }
    const { jms, client } = await requesting(Orders, '/temp-queue/none', { placeholders: () => receipts });
    await jms.convertAndSend(`${queue}.class`, 'a');
    await jms.convertAndSend(`${queue}.method`, 'b');
    await vi.waitFor(
      async () => expect([await client.bodies(receipts), await client.bodies(other)]).toEqual([['class a'], ['method b']]),
      10_000,
    );
    await jms.convertAndSend(`${queue}.function`, 'none', { headers: { to: receipts } });
    await jms.convertAndSend(`${queue}.function`, 'c', { headers: { to: receipts } });
    await jms.convertAndSend(`${queue}.response`, 'd', { replyTo: receipts });
    await vi.waitFor(
      async () =>
        expect([await client.bodies(receipts), await client.bodies(other)]).toEqual([
          ['class a', 'c'],
          ['method b', 'response d'],
        ]),
      10_000,
    );
    await jms.convertAndSend(`${queue}.option`, 'e');
    await vi.waitFor(async () => expect(await client.bodies(passing)).toEqual(['option e']), 10_000);
    expect((await client.browse(passing))[0]?.headers['persistent']).toBeUndefined();
    const response = (await client.browse(other))[1]?.headers;
    expect(response).toMatchObject({ region: 'EU', priority: '7', persistent: 'true' });
    expect(Number(response?.['expires']) - Number(response?.['timestamp'])).toBeGreaterThan(50_000);
  });

  it('of a filter that handled the error is the answer, too', async () => {
    @Catch()
    class Answering implements ExceptionFilter {
      catch(error: Error): string {
        return `sorry: ${error.message}`;
      }
    }
    const queue = bench.queue();
    @Injectable()
    @UseFilters(Answering)
    class Orders {
      @JmsListener(queue)
      handle(): string {
        throw new Error('sold out');
      }
    }
    const { client, answers } = await requesting(Orders, '/temp-queue/answers');
    await client.send(queue, 'x', { 'reply-to': '/temp-queue/answers' });
    await vi.waitFor(() => expect(answers.map(({ body }) => body.toString())).toEqual(['sorry: sold out']), 10_000);
  });
});

describe('a reply that cannot be sent', () => {
  it('does not make the handler run again when the requester is gone', async () => {
    const queue = bench.queue();
    const handled = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener({ id: 'orders', destination: queue, autoStartup: false })
      handle(order: string): string {
        handled(order);
        return 'answer';
      }
    }
    const app = await bench.app({ providers: [Orders], options: FAST });
    const requester = await bench.client();
    await requester.hear('/temp-queue/answers');
    await requester.send(queue, 'x', { 'content-type': 'text/plain', 'reply-to': '/temp-queue/answers' });
    await requester.close();
    app.get(JmsListenerEndpointRegistry).start('orders');
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, redeliveries: 0, deadLettered: 0 }), 10_000);
    expect(handled).toHaveBeenCalledTimes(1);
  });

  it('is a failed attempt otherwise: the handler runs again, and the message is acknowledged after its reply', async () => {
    const [queue, receipts] = [bench.queue(), bench.queue('receipts')];
    const attempts: number[] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @SendTo((message) => {
        if (message.deliveryCount < 3) throw new Error('the directory of destinations does not answer');
        return receipts;
      })
      handle(order: string, message: JmsMessage): string {
        attempts.push(message.deliveryCount);
        return order;
      }
    }
    const app = await bench.app({ providers: [Orders], options: FAST });
    const client = await bench.client();
    await client.send(queue, 'x', { 'content-type': 'text/plain' });
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, redeliveries: 2 }), 10_000);
    expect([attempts, await client.bodies(receipts)]).toEqual([[1, 2, 3], ['x']]);
  });

  it('because of its destination or payload is final: no later attempt can be better', async () => {
    const [queue, receipts] = [bench.queue(), bench.queue('receipts')];
    const handled = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(order: string): JmsResponse {
        handled(order);
        return order === 'payload' ? JmsResponse.forQueue(1n, receipts) : JmsResponse.forDestination(1, '/nowhere');
      }
    }
    const { app, client } = await requesting(Orders, '/temp-queue/answers');
    for (const order of ['payload', 'destination']) await client.send(queue, order, { 'content-type': 'text/plain' });
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 0, redeliveries: 0, deadLettered: 2 }), 10_000);
    expect(handled).toHaveBeenCalledTimes(2);
  });
});

describe("in ackMode 'transacted'", () => {
  it('a reply is part of the transaction: with what the handler sent it happens once, together with the acknowledgement', async () => {
    const [queue, receipts, audit] = [bench.queue(), bench.queue('receipts'), bench.queue('audit')];
    const attempts: number[] = [];
    @Injectable()
    class Orders {
      constructor(private readonly jms: JmsMessagingTemplate) {}
      @JmsListener({ destination: queue, ackMode: 'transacted' })
      @SendTo((message) => {
        if (message.deliveryCount < 3) throw new Error('the directory of destinations does not answer');
        return receipts;
      })
      async handle(order: string, message: JmsMessage): Promise<string> {
        attempts.push(message.deliveryCount);
        await this.jms.convertAndSend(audit, order);
        return order;
      }
    }
    const app = await bench.app({ providers: [Orders], options: FAST });
    const client = await bench.client();
    await client.send(queue, 'x', { 'content-type': 'text/plain' });
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, redeliveries: 2 }), 10_000);
    expect([attempts, await client.bodies(receipts), await client.bodies(audit)]).toEqual([[1, 2, 3], ['x'], ['x']]);
  });

  it('a requester that is gone undoes nothing', async () => {
    const [queue, audit] = [bench.queue(), bench.queue('audit')];
    const handled = vi.fn();
    @Injectable()
    class Orders {
      constructor(private readonly jms: JmsMessagingTemplate) {}
      @JmsListener({ id: 'orders', destination: queue, ackMode: 'transacted' })
      async handle(order: string): Promise<string> {
        handled(order);
        await this.jms.convertAndSend(audit, order);
        return 'answer';
      }
    }
    const app = await bench.app({ providers: [Orders], options: FAST });
    const client = await bench.client();
    await client.send(queue, 'x', { 'content-type': 'text/plain', 'reply-to': '/remote-temp-queue/ID:gone-1:1' });
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, redeliveries: 0 }), 10_000);
    expect([handled.mock.calls, await client.bodies(audit)]).toEqual([[['x']], ['x']]);
  });
});

describe('errorReplies', () => {
  const failing = (queue: string) => {
    @Injectable()
    class Orders {
      @JmsListener({ destination: queue, errorReplies: queue.startsWith('answered') })
      handle(order: string): never {
        throw order === 'final' ? new NonRetryableError('no such order') : new TypeError('out of order');
      }
    }
    return Orders;
  };

  it('tell the requester class and message of the error, once, when the message is dead-lettered', async () => {
    const queue = bench.queue('answered');
    const { app, client, answers } = await requesting(failing(queue), '/temp-queue/answers');
    for (const order of ['final', 'retried']) {
      await client.send(queue, order, { 'content-type': 'text/plain', 'reply-to': '/temp-queue/answers', 'correlation-id': order });
    }
    await client.send(queue, 'final', { 'content-type': 'text/plain' });
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ deadLettered: 3, redeliveries: 2 }), 10_000);
    await vi.waitFor(() => expect(answers).toHaveLength(2), 10_000);
    expect(answers.map(({ headers }) => [headers['correlation-id'], headers['errorClass'], headers['errorMessage']])).toEqual([
      ['final', 'NonRetryableError', 'no such order'],
      ['retried', 'TypeError', 'out of order'],
    ]);
  });

  it('are off by default', async () => {
    const queue = bench.queue('unanswered');
    const { app, client, answers } = await requesting(failing(queue), '/temp-queue/answers');
    await client.send(queue, 'final', { 'content-type': 'text/plain', 'reply-to': '/temp-queue/answers' });
    await vi.waitFor(() => expect(countsOf(app).deadLettered).toBe(1), 10_000);
    // What the application sent before is confirmed, and would stand in front of this.
    await app.get(JmsMessagingTemplate).flush();
    await client.send(queue, 'last', { destination: '/temp-queue/answers' });
    await vi.waitFor(() => expect(answers.map(({ body }) => body.toString())).toEqual(['last']), 10_000);
  });
});
