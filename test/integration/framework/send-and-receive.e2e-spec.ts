import 'reflect-metadata';
import { createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import {
  getJmsArguments,
  Header,
  Headers,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessage,
  JmsMessagingTemplate,
  Message,
  Payload,
} from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const Correlation = createParamDecorator((_: unknown, context: ExecutionContext) => getJmsArguments(context).message.correlationId);

describe('a payload', () => {
  it.each([
    ['an object', { id: 7, name: 'größe 😀' }],
    ['an array', [1, 'two', null]],
    ['a number', 7],
    ['null', null],
    ['text', 'größe 😀\nsecond line\0nul'],
    ['text that looks like JSON', '{"id":7}'],
    ['an empty text', ''],
    ['bytes', Buffer.from([0, 1, 255, 10, 13, 58])],
    ['no bytes', Buffer.alloc(0)],
    ['many bytes', Buffer.alloc(300_000, 7)],
  ])('arrives as it was sent: %s', async (_, payload) => {
    const queue = bench.queue();
    const received: unknown[] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(order: unknown): void {
        received.push(order);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const result = await app.get(JmsMessagingTemplate).convertAndSend(queue, payload);
    expect(result).toEqual({
      idempotencyKey: expect.any(String),
      destination: `queue://${queue}`,
      brokerUri: `stomp://127.0.0.1:${bench.port}`,
    });
    await vi.waitFor(() => expect(received).toEqual([payload]), 10_000);
  });
});

describe('a message', () => {
  it('has its headers, by getters and as they are', async () => {
    const queue = bench.queue();
    const received: JmsMessage[] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(message: JmsMessage): void {
        received.push(message);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(
      queue,
      { id: 7 },
      {
        headers: { currency: 'EUR', amount: 7.5, 'x-colon:and\nline': 'a:b\\c\nd', hasOwnProperty: 'x' },
        correlationId: 'c-1',
        replyTo: 'queue://answers',
        type: 'Order',
        priority: 7,
        timeToLive: 60_000,
        groupId: 'g',
      },
    );
    await vi.waitFor(() => expect(received).toHaveLength(1), 10_000);
    const [message] = received;
    expect(message).toMatchObject({
      destination: `queue://${queue}`,
      payload: { id: 7 },
      correlationId: 'c-1',
      replyTo: '/queue/answers',
      type: 'Order',
      priority: 7,
      redelivered: false,
      deliveryCount: 1,
      idempotencyKey,
    });
    expect(message?.messageId).toMatch(/^ID:/);
    expect((message?.expiration ?? 0) - (message?.timestamp ?? 0)).toBeGreaterThan(50_000);
    expect({ ...message?.headers }).toMatchObject({
      currency: 'EUR',
      amount: '7.5',
      'x-colon:and\nline': 'a:b\\c\nd',
      hasOwnProperty: 'x',
      groupId: 'g',
    });
  });

  it('fills the parameters that ask for a part of it', async () => {
    const queue = bench.queue();
    const received: unknown[][] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(
        order: unknown,
        @Header('currency') currency: string,
        @Header('nothing') nothing: string | undefined,
        @Headers() headers: Record<string, string>,
        @Payload('id') id: number,
        @Message() message: JmsMessage,
        @Correlation() correlation: string,
      ): void {
        received.push([order, currency, nothing, headers['currency'], id, message.destination, correlation]);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, { id: 7 }, { headers: { currency: 'EUR' }, correlationId: 'c' });
    await vi.waitFor(() => expect(received).toEqual([[{ id: 7 }, 'EUR', undefined, 'EUR', 7, `queue://${queue}`, 'c']]), 10_000);
  });

  it('of a Java peer, a TextMessage without a type, is JSON when it looks like it', async () => {
    const queue = bench.queue();
    const received: unknown[] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      handle(order: unknown): void {
        received.push(order);
      }
    }
    await bench.app({ providers: [Orders] });
    const client = await bench.client();
    for (const body of ['{"id":7}', 'hello', '[broken']) await client.send(queue, body, { 'amq-msg-type': 'text' });
    await vi.waitFor(() => expect(received).toEqual([{ id: 7 }, 'hello', '[broken']), 10_000);
  });
});

describe('@JmsListener', () => {
  it('reads placeholders, and the module overrides it by its id', async () => {
    const [queue, other] = [bench.queue(), bench.queue()];
    const received: unknown[] = [];
    @Injectable()
    class Orders {
      @JmsListener({ id: 'eu', destination: '${orders.queue}', selector: "currency = '${currency:EUR}'" })
      handleEu(order: unknown): void {
        received.push(['eu', order]);
      }
      @JmsListener({ id: 'moved', destination: 'nowhere' })
      handleMoved(order: unknown): void {
        received.push(['moved', order]);
      }
    }
    const options = {
      placeholders: (key: string) => (key === 'orders.queue' ? queue : undefined),
      listeners: { moved: { destination: other, concurrency: 4 } },
    };
    const app = await bench.app({ providers: [Orders], options });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(queue, 'usd', { headers: { currency: 'USD' } });
    await jms.convertAndSend(queue, 'eur', { headers: { currency: 'EUR' } });
    await jms.convertAndSend(other, 'x');
    await vi.waitFor(() => expect(received.map(String).sort()).toEqual(['eu,eur', 'moved,x']), 10_000);
    expect(await (await bench.client()).bodies(queue)).toEqual(['usd']);
    expect(app.get(JmsListenerEndpointRegistry).getListenerContainerIds()).toEqual(['eu', 'moved']);
  });

  it('is repeatable: one method hears several destinations, each with options of its own', async () => {
    const [first, second] = [bench.queue(), bench.queue()];
    const received: string[] = [];
    @Injectable()
    class Orders {
      @JmsListener({ destination: first, id: 'first' })
      @JmsListener(second)
      handle(order: string, @Message() message: JmsMessage): void {
        received.push(`${order} from ${message.destination}`);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(first, 'a');
    await jms.convertAndSend(second, 'b');
    await vi.waitFor(() => expect(received.sort()).toEqual([`a from queue://${first}`, `b from queue://${second}`]), 10_000);
    expect(app.get(JmsListenerEndpointRegistry).getListenerContainerIds()).toEqual(['first', 'Orders.handle#2']);
  });

  it('hears composites, and topics', async () => {
    const [a, b, topic] = [bench.queue('a'), bench.queue('b'), bench.queue('prices')];
    const received: string[] = [];
    @Injectable()
    class Orders {
      @JmsListener(`${a},${b}`)
      handle(order: string): void {
        received.push(order);
      }
      @JmsListener(`topic://${topic}`)
      one(price: string): void {
        received.push(`one ${price}`);
      }
      @JmsListener(`topic://${topic}`)
      two(price: string): void {
        received.push(`two ${price}`);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(a, 'a');
    await jms.convertAndSend(b, 'b');
    await jms.convertAndSend(`${a},${b}`, 'both');
    await jms.convertAndSend(`topic://${topic}`, '7');
    await vi.waitFor(() => expect(received.sort()).toEqual(['a', 'b', 'both', 'both', 'one 7', 'two 7']), 10_000);
  });

  it('finds values, factories, subclasses and classes under tokens, and each once', async () => {
    const queue = bench.queue();
    const received: string[] = [];
    class Base {
      name = 'base';
      @JmsListener({ destination: queue, id: '${none:base}' })
      handle(order: string): void {
        received.push(`${this.name} ${order}`);
      }
    }
    const other = bench.queue();
    @Injectable()
    class ByToken {
      constructor(@Inject('PREFIX') private readonly prefix: string) {}
      @JmsListener(other)
      handle(order: string): void {
        received.push(`${this.prefix} ${order}`);
      }
    }
    class Sub extends Base {
      override name = 'sub';
    }
    const providers = [
      { provide: 'PREFIX', useValue: 'token' },
      { provide: 'FACTORY', useFactory: () => new Sub() },
      { provide: 'ALIAS', useExisting: 'FACTORY' },
      { provide: 'BY_TOKEN', useClass: ByToken },
    ];
    const app = await bench.app({ providers });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await app.get(JmsMessagingTemplate).convertAndSend(other, 'y');
    await vi.waitFor(() => expect(received.sort()).toEqual(['sub x', 'token y']), 10_000);
  });
});
