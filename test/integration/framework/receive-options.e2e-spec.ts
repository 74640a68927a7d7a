import 'reflect-metadata';
import { type INestApplication, Injectable } from '@nestjs/common';
import {
  ActiveMqConnection,
  Header,
  JmsListener,
  JmsListenerEndpointRegistry,
  type JmsListenerOptions,
  JmsMessage,
  JmsMessagingTemplate,
} from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** A listener that keeps what it hears. */
function hearing(options: JmsListenerOptions) {
  const heard: string[] = [];
  @Injectable()
  class Listener {
    @JmsListener({ id: 'listener', ...options })
    handle(text: string): void {
      heard.push(text);
    }
  }
  return { Listener, heard };
}

const templateOf = (app: INestApplication) => app.get(JmsMessagingTemplate);
const registryOf = (app: INestApplication) => app.get(JmsListenerEndpointRegistry);

describe('selector', () => {
  it.each([
    ["currency = 'EUR' AND amount > 5", ['b']],
    ["currency IN ('USD', 'GBP') OR amount BETWEEN 6 AND 8", ['b', 'c']],
    ["JMSType = 'Order' AND JMSPriority >= 7", ['a']],
    ["JMSCorrelationID LIKE 'c-%' AND currency IS NOT NULL", ['c']],
  ])('%s', async (selector, expected) => {
    const queue = bench.queue();
    const { Listener, heard } = hearing({ destination: queue, selector });
    const app = await bench.app({ providers: [Listener] });
    await templateOf(app).convertAndSend(queue, 'a', { headers: { currency: 'EUR', amount: 3 }, type: 'Order', priority: 7 });
    await templateOf(app).convertAndSend(queue, 'b', { headers: { currency: 'EUR', amount: 7 }, type: 'Order' });
    await templateOf(app).convertAndSend(queue, 'c', { headers: { currency: 'USD' }, correlationId: 'c-1' });
    await vi.waitFor(() => expect(heard).toEqual(expected), 10_000);
    expect(await (await bench.client()).bodies(queue)).toHaveLength(3 - expected.length);
  });
});

describe('subscription', () => {
  const durable = (clientId: string) => ({ options: { clientId } });

  it('keeps what is published while its listener is away', async () => {
    const [topic, clientId] = [bench.queue('prices'), randomUUID()];
    const { Listener, heard } = hearing({ destination: `topic://${topic}`, subscription: 'prices' });
    const first = await bench.app({ providers: [Listener], ...durable(clientId) });
    await templateOf(first).convertAndSend(`topic://${topic}`, '1');
    await vi.waitFor(() => expect(heard).toEqual(['1']), 10_000);
    await first.close();
    const publisher = await bench.app({});
    for (const price of ['2', '3']) await templateOf(publisher).convertAndSend(`topic://${topic}`, price);
    await bench.app({ providers: [Listener], ...durable(clientId) });
    await vi.waitFor(() => expect(heard).toEqual(['1', '2', '3']), 10_000);
  });

  it('is told by its container, and deleted with what it holds when its listener is stopped', async () => {
    const [topic, clientId] = [bench.queue('prices'), randomUUID()];
    const { Listener, heard } = hearing({ destination: `topic://${topic}`, subscription: 'prices' });
    const app = await bench.app({ providers: [Listener], ...durable(clientId) });
    const [registry, connection] = [registryOf(app), app.get(ActiveMqConnection)];
    expect(registry.getListenerContainer('listener')?.durableSubscription).toEqual({
      clientId,
      subscriptionName: 'prices',
      topic: `topic://${topic}`,
    });
    await expect(connection.deleteDurableSubscription('prices')).rejects.toThrow(
      /The durable subscription 'prices' of client '.*' was not deleted: .*in use.*stopped first/,
    );
    await registry.stop('listener');
    await templateOf(app).convertAndSend(`topic://${topic}`, 'stored and forgotten');
    await connection.deleteDurableSubscription('prices');
    registry.start('listener');
    await registry.getListenerContainer('listener')?.whenSubscribed();
    await templateOf(app).convertAndSend(`topic://${topic}`, 'heard');
    await vi.waitFor(() => expect(heard).toEqual(['heard']), 10_000);
  });

  it('cannot be deleted when there is none, and not without a clientId', async () => {
    const app = await bench.app(durable(randomUUID()));
    await expect(app.get(ActiveMqConnection).deleteDurableSubscription('nothing')).rejects.toThrow(
      /'nothing' of client '.*' was not deleted: there is none of that name for this `clientId` on stomp:[^;]*nothing$/,
    );
    const anonymous = await bench.app({});
    await expect(anonymous.get(ActiveMqConnection).deleteDurableSubscription('prices')).rejects.toThrow(/no `clientId`/);
  });
});

describe('exclusive', () => {
  it('gives one consumer the whole queue, and the next one takes over when it is gone', async () => {
    const queue = bench.queue();
    const [first, second] = [hearing({ destination: queue, exclusive: true }), hearing({ destination: queue, exclusive: true })];
    const one = await bench.app({ providers: [first.Listener] });
    const two = await bench.app({ providers: [second.Listener] });
    for (let order = 0; order < 20; order++) await templateOf(two).convertAndSend(queue, String(order));
    await vi.waitFor(() => expect(first.heard).toHaveLength(20), 10_000);
    expect(second.heard).toEqual([]);
    await registryOf(one).stop();
    for (let order = 20; order < 25; order++) await templateOf(two).convertAndSend(queue, String(order));
    await vi.waitFor(() => expect(second.heard).toEqual(['20', '21', '22', '23', '24']), 10_000);
  });
});

describe('priority', () => {
  it('of a consumer gives it the messages while it has room for them', async () => {
    const queue = bench.queue();
    const { promise: gate, resolve } = deferred();
    const [low, high] = [hearing({ destination: queue, priority: 0 }), [] as string[]];
    @Injectable()
    class High {
      @JmsListener({ destination: queue, priority: 10, prefetch: 5 })
      async handle(text: string): Promise<void> {
        high.push(text);
        await gate;
      }
    }
    const app = await bench.app({ providers: [low.Listener, High] });
    for (let order = 0; order < 8; order++) await templateOf(app).convertAndSend(queue, String(order));
    // Its prefetch is full then: the rest goes to the other one.
    await vi.waitFor(() => expect(low.heard).toEqual(['5', '6', '7']), 10_000);
    resolve();
    await vi.waitFor(() => expect(high).toEqual(['0', '1', '2', '3', '4']), 10_000);
  });
});

describe('message groups', () => {
  it('stay with one consumer, in order, and move as a whole when it is gone; the handler sees the group', async () => {
    const queue = bench.queue();
    const groupListener = () => {
      const heard: string[] = [];
      @Injectable()
      class Listener {
        @JmsListener({ destination: queue, prefetch: 1 })
        handle(text: string, @Header('groupId') group: string): void {
          heard.push(`${group}${text}`);
        }
      }
      return { Listener, heard };
    };
    const [first, second] = [groupListener(), groupListener()];
    const one = await bench.app({ providers: [first.Listener] });
    const two = await bench.app({ providers: [second.Listener] });
    const groups = ['a', 'b', 'c', 'd'];
    for (let order = 0; order < 5; order++)
      for (const groupId of groups) await templateOf(two).convertAndSend(queue, String(order), { groupId });
    await vi.waitFor(() => expect(first.heard.length + second.heard.length).toBe(20), 10_000);
    const groupsOf = (heard: readonly string[]) => [...new Set(heard.map((text) => text.charAt(0)))].sort();
    expect([...groupsOf(first.heard), ...groupsOf(second.heard)].sort()).toEqual(groups);
    expect(first.heard.length).toBeGreaterThan(0);
    for (const { heard } of [first, second]) {
      for (const group of groupsOf(heard)) {
        expect(heard.filter((text) => text.startsWith(group))).toEqual([0, 1, 2, 3, 4].map((order) => `${group}${order}`));
      }
    }
    const [moved] = groupsOf(first.heard);
    await registryOf(one).stop();
    await templateOf(two).convertAndSend(queue, '5', { groupId: moved });
    await vi.waitFor(() => expect(second.heard.at(-1)).toBe(`${moved}5`), 10_000);
  });
});

describe('virtual topics', () => {
  it('give each group of consumers every message once, and keep them while nobody listens', async () => {
    const topic = `VirtualTopic.${bench.queue('prices')}`;
    const group = (name: string) => hearing({ destination: `Consumer.${name}.${topic}` });
    const [a1, a2, b, plain] = [group('A'), group('A'), group('B'), hearing({ destination: `topic://${topic}` })];
    const apps: INestApplication[] = [];
    for (const { Listener } of [a1, a2, b, plain]) apps.push(await bench.app({ providers: [Listener] }));
    const publish = (text: string) => templateOf(apps[3]!).convertAndSend(`topic://${topic}`, text);
    for (let price = 0; price < 10; price++) await publish(String(price));
    const prices = Array.from({ length: 10 }, (_, price) => String(price));
    await vi.waitFor(() => expect([b.heard, plain.heard]).toEqual([prices, prices]), 10_000);
    await vi.waitFor(() => expect([...a1.heard, ...a2.heard].sort()).toEqual(prices), 10_000);
    await registryOf(apps[2]!).stop();
    await publish('kept');
    registryOf(apps[2]!).start();
    await vi.waitFor(() => expect(b.heard.at(-1)).toBe('kept'), 10_000);
  });

  it('share one message id between the copies: two groups in one process do not take them for duplicates', async () => {
    const topic = `VirtualTopic.${bench.queue('prices')}`;
    const seen: string[][] = [];
    @Injectable()
    class Both {
      @JmsListener(`Consumer.A.${topic}`)
      @JmsListener(`Consumer.B.${topic}`)
      handle({ messageId, destination }: JmsMessage): void {
        seen.push([messageId, destination]);
      }
    }
    const app = await bench.app({ providers: [Both] });
    await templateOf(app).convertAndSend(`topic://${topic}`, 'x');
    await vi.waitFor(
      () =>
        expect(seen.map(([, destination = '']) => destination).sort()).toEqual([
          `queue://Consumer.A.${topic}`,
          `queue://Consumer.B.${topic}`,
        ]),
      10_000,
    );
    expect(seen[0]?.[0]).toBe(seen[1]?.[0]);
  });
});

describe('a topic', () => {
  it('gives every listener every message that is published while it listens, wildcards included', async () => {
    const [name, other] = [randomUUID(), randomUUID()];
    const [one, all] = [hearing({ destination: `topic://prices.${name}.tea` }), hearing({ destination: `topic://prices.${name}.>` })];
    const app = await bench.app({ providers: [one.Listener] });
    await bench.app({ providers: [all.Listener] });
    await templateOf(app).convertAndSend(`topic://prices.${name}.tea`, '1');
    await templateOf(app).convertAndSend(`topic://prices.${name}.coffee.raw`, '2');
    await templateOf(app).convertAndSend(`topic://prices.${other}.tea`, '3');
    await templateOf(app).convertAndSend(`topic://prices.${name}.tea`, '4');
    await vi.waitFor(
      () =>
        expect([one.heard, all.heard]).toEqual([
          ['1', '4'],
          ['1', '2', '4'],
        ]),
      10_000,
    );
  });
});
