import 'reflect-metadata';
import { JmsListenerEndpointRegistry, JmsMessagingTemplate, SharedDeadLetterStrategy } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { countsOf, listenerOn, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';
import type { TcpProxy } from './tcp-proxy.fixture.js';

const bench = Bench.forFile();

/** The failover URL of a proxy, with short delays. */
const through = (proxy: TcpProxy) => `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=5&maxReconnectDelay=20`;

it.each(['auto', 'transacted'] as const)(
  "two handlers whose connection is lost are run once each, although their messages come again in another order: in mode '%s'",
  async (ackMode) => {
    const queue = bench.queue();
    const ends = { a: deferred(), b: deferred() };
    const runs: string[] = [];
    const listener = listenerOn({ destination: queue, ackMode, concurrency: 2 }, async ({ payload }) => {
      runs.push(payload as string);
      await ends[payload as 'a' | 'b'].promise;
    });
    const proxy = await bench.proxy();
    const app = await bench.app({ providers: [listener], options: { brokerUrl: through(proxy) } });
    for (const text of ['a', 'b']) await app.get(JmsMessagingTemplate).convertAndSend(queue, text);
    await until(() => expect(runs).toHaveLength(2));
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
    proxy.break();
    await until(() => expect(container.state).toBe('starting'));
    proxy.repair();
    await container.whenSubscribed();
    // Both are delivered again, each to the slot of the other one.
    await until(() => expect(container.unsettledMessages).toBeGreaterThanOrEqual(2));
    ends.a.resolve();
    await until(() => expect([container.counts.acknowledged, container.activeHandlers]).toEqual([1, 1]));
    ends.b.resolve();
    const client = await bench.client();
    await until(async () => expect(await client.bodies(queue)).toEqual([]));
    expect([[...runs].sort(), countsOf(app).acknowledged]).toEqual([['a', 'b'], 2]);
  },
);

it("a handler that outlives its connection and fails sends no copy in mode 'scheduled': somebody else has the message, and it ends once", async () => {
  const [queue, deadLetterQueue] = [bench.queue(), bench.queue('dead')];
  const { promise: release, resolve } = deferred();
  const options = {
    destination: queue,
    deadLetter: new SharedDeadLetterStrategy({ deadLetterQueue }),
    redelivery: { mode: 'scheduled', initialRedeliveryDelay: 1, redeliveryDelay: 1, maximumRedeliveries: 1 },
  } as const;
  const attempts = { here: 0, elsewhere: 0 };
  const here = listenerOn(options, async () => {
    attempts.here++;
    await release;
    throw new Error('no');
  });
  const elsewhere = listenerOn(options, () => {
    attempts.elsewhere++;
    throw new Error('no');
  });
  const proxy = await bench.proxy();
  const app = await bench.app({ providers: [here], options: { brokerUrl: through(proxy) } });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await until(() => expect(attempts.here).toBe(1));
  proxy.break();
  const other = await bench.app({ providers: [elsewhere] });
  await until(() => expect(countsOf(other).deadLettered).toBe(1));
  resolve();
  await until(() => expect(countsOf(app).released).toBe(1));
  proxy.repair();
  const client = await bench.client();
  expect([attempts, await client.bodies(queue), (await client.bodies(deadLetterQueue)).length]).toEqual([{ here: 1, elsewhere: 2 }, [], 1]);
});

it.each(['is stopped as soon as it is started', 'is stopped while a new connection subscribes it'])(
  'a wildcard listener that %s leaves no subscription behind, which would keep messages from others',
  async (what) => {
    const prefix = bench.queue('in');
    const handled: unknown[] = [];
    const proxy = await bench.proxy();
    const app = await bench.app({
      providers: [listenerOn({ id: 'all', destination: `${prefix}.*` }, ({ payload }) => void handled.push(payload))],
      options: { brokerUrl: through(proxy) },
    });
    const registry = app.get(JmsListenerEndpointRegistry);
    const jms = app.get(JmsMessagingTemplate);
    await jms.convertAndSend(`${prefix}.a`, 'first');
    await until(async () => expect(await (await bench.client()).bodies(`${prefix}.a`)).toEqual([]));
    if (what === 'is stopped as soon as it is started') {
      await registry.stop('all');
      registry.start('all');
    } else {
      const subscribing = proxy.written('-probe');
      proxy.cut();
      await subscribing;
    }
    await registry.stop('all');
    const texts = ['a', 'b', 'c'];
    for (const text of texts) await jms.convertAndSend(`${prefix}.a`, text);
    const { frames } = await (await bench.client()).take(`${prefix}.a`);
    await until(() => expect(frames.map(({ body }) => body.toString())).toEqual(texts));
    expect(handled).toEqual(['first']);
  },
);
