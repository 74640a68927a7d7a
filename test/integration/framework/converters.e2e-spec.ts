import 'reflect-metadata';
import { Injectable, UsePipes, ValidationPipe } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsString, Min, ValidateNested } from 'class-validator';
import {
  ContentTypeMessageConverter,
  DefaultMessageConverter,
  JmsListener,
  JmsMessage,
  JmsMessagingTemplate,
  JsonMessageConverter,
  type MessageConverter,
  Payload,
} from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { countsOf } from './enhancers.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

class Line {
  @IsString()
  article!: string;
}

class Order {
  @IsInt()
  @Min(1)
  id!: number;

  @ValidateNested()
  @Type(() => Line)
  line!: Line;
}

const VALID = { id: 7, line: { article: 'tea' } };

describe("a payload's type is that of its parameter, by Nest's ValidationPipe and class-validator", () => {
  const pipe = () => new ValidationPipe({ transform: true, whitelist: true });

  async function handledBy(listener: 'undecorated' | 'decorated' | 'own pipe', ...payloads: readonly unknown[]) {
    const queue = bench.queue();
    const received: unknown[] = [];
    @Injectable()
    class Undecorated {
      @JmsListener(queue)
      handle(order: Order): void {
        received.push(order);
      }
    }
    @Injectable()
    class Decorated {
      @JmsListener(queue)
      @UsePipes(pipe())
      handle(_message: JmsMessage, @Payload() order: Order): void {
        received.push(order);
      }
    }
    @Injectable()
    class OwnPipe {
      @JmsListener(queue)
      handle(@Payload(pipe()) order: Order): void {
        received.push(order);
      }
    }
    const host = { undecorated: Undecorated, decorated: Decorated, 'own pipe': OwnPipe }[listener];
    const app = await bench.app({
      providers: [host],
      configure: (unstarted) => listener === 'undecorated' && unstarted.useGlobalPipes(pipe()),
    });
    for (const payload of payloads) await app.get(JmsMessagingTemplate).convertAndSend(queue, payload);
    return { app, received };
  }

  it.each(['undecorated', 'decorated', 'own pipe'] as const)('%s', async (listener) => {
    const { app, received } = await handledBy(listener, { ...VALID, more: true }, { id: 0, line: { article: 7 } });
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, deadLettered: 1, redeliveries: 0 }), 10_000);
    expect(received).toEqual([VALID]);
    expect(received[0]).toBeInstanceOf(Order);
    expect((received[0] as Order).line).toBeInstanceOf(Line);
  });

  it('and a hostile payload stays data', async () => {
    const client = await bench.client();
    const queue = bench.queue();
    const received: Record<string, unknown>[] = [];
    @Injectable()
    class Orders {
      @JmsListener(queue)
      @UsePipes(new ValidationPipe({ transform: true }))
      handle(order: Order): void {
        received.push(order as unknown as Record<string, unknown>);
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await client.send(queue, '{"__proto__":{"isAdmin":true},"id":7,"line":{"article":"tea"}}', { 'content-type': 'application/json' });
    await client.send(queue, '['.repeat(2_000_000), { 'content-type': 'application/json' });
    await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, deadLettered: 1, redeliveries: 0 }), 10_000);
    expect([received[0]?.['id'], received[0]?.['isAdmin'], ({} as Record<string, unknown>)['isAdmin']]).toEqual([7, undefined, undefined]);
  });
});

it("Spring's type-id header is written for mapped classes and read back as their instances", async () => {
  const queue = bench.queue();
  const received: JmsMessage[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ destination: queue, selector: "_type = 'order'" })
    handle(message: JmsMessage): void {
      received.push(message);
    }
  }
  const messageConverter = new JsonMessageConverter({ typeIdPropertyName: '_type', typeIdMappings: { order: Order }, targetType: 'bytes' });
  const app = await bench.app({ providers: [Orders], options: { messageConverter } });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, Object.assign(new Order(), VALID));
  // As Spring's Jackson converter writes it: a BytesMessage without a content type.
  await (await bench.client()).send(queue, JSON.stringify(VALID), { _type: 'order', 'amq-msg-type': 'bytes' });
  await vi.waitFor(() => expect(received).toHaveLength(2), 10_000);
  for (const message of received) {
    expect(message.payload).toBeInstanceOf(Order);
    expect(message.payload).toEqual(VALID);
  }
  expect(received.map(({ isText }) => isText)).toEqual([false, false]);
});

/** Not an XML parser. */
class TagMessageConverter implements MessageConverter {
  toMessage(payload: unknown) {
    return { body: Buffer.from(`<v>${String(payload)}</v>`), isText: true, contentType: 'application/xml' };
  }
  fromMessage(message: JmsMessage): unknown {
    return message.text().replace(/<\/?v>/g, '');
  }
}

it('converters are chosen by content type, and a listener may have one of its own', async () => {
  const [mixed, own] = [bench.queue('mixed'), bench.queue('own')];
  const received: unknown[] = [];
  @Injectable()
  class Orders {
    @JmsListener(mixed)
    handle(order: unknown): void {
      received.push(order);
    }
    @JmsListener({ destination: own, messageConverter: new TagMessageConverter() })
    handleOwn(order: unknown): void {
      received.push(order);
    }
  }
  const messageConverter = new ContentTypeMessageConverter({ 'application/xml': new TagMessageConverter() }, new DefaultMessageConverter());
  const app = await bench.app({ providers: [Orders], options: { messageConverter } });
  const jms = app.get(JmsMessagingTemplate);
  await jms.convertAndSend(mixed, 7, { headers: { 'content-type': 'application/xml' } });
  await jms.convertAndSend(mixed, { id: 7 });
  await vi.waitFor(() => expect(received).toEqual(['7', { id: 7 }]), 10_000);
  await jms.convertAndSend(own, '<v>8</v>');
  await vi.waitFor(() => expect(received).toEqual(['7', { id: 7 }, '8']), 10_000);
});

it('a body that cannot be converted is dead-lettered at its first attempt', async () => {
  const queue = bench.queue();
  const handled = vi.fn();
  @Injectable()
  class Orders {
    @JmsListener(queue)
    handle(order: unknown): void {
      handled(order);
    }
  }
  const app = await bench.app({ providers: [Orders] });
  await (await bench.client()).send(queue, '{"id":', { 'content-type': 'application/json' });
  await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ deadLettered: 1, redeliveries: 0, acknowledged: 0 }), 10_000);
  expect(handled).not.toHaveBeenCalled();
});

it('10 MB of JSON go through', async () => {
  const queue = bench.queue();
  const received: { orders: unknown[] }[] = [];
  @Injectable()
  class Orders {
    @JmsListener(queue)
    handle(order: { orders: unknown[] }): void {
      received.push(order);
    }
  }
  const app = await bench.app({ providers: [Orders] });
  const orders = Array.from({ length: 200_000 }, (_, id) => ({ id, name: `größe ${id}`, tags: ['a', 'b'] }));
  await app.get(JmsMessagingTemplate).convertAndSend(queue, { orders });
  await vi.waitFor(() => expect(received[0]?.orders).toHaveLength(200_000), 30_000);
});
