import 'reflect-metadata';
import { type INestApplication, Injectable } from '@nestjs/common';
import {
  ActiveMqConnection,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
  type RedeliveryPolicy,
  SharedDeadLetterStrategy,
} from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { countsOf, listenerOn, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';
import type { TcpProxy } from './tcp-proxy.fixture.js';

const bench = Bench.forFile();
const AN_HOUR = 3_600_000;

/** An application whose one listener fails each time; what it has tried, in ms. */
async function failing(redelivery: RedeliveryPolicy) {
  const queue = bench.queue();
  const attempts: number[] = [];
  const listener = listenerOn({ destination: queue, redelivery }, () => {
    attempts.push(performance.now());
    throw new Error('no');
  });
  const proxy = await bench.proxy();
  const app = await bench.app({ providers: [listener], options: { brokerUrl: through(proxy) } });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await until(() => expect(attempts).toHaveLength(1));
  return { app, proxy, attempts };
}

/** The failover URL of a proxy, with short delays. */
function through(proxy: TcpProxy): string {
  return `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=5&maxReconnectDelay=20`;
}

/** Cuts every connection, and waits until the message was delivered again. */
async function cut(app: INestApplication, proxy: TcpProxy): Promise<void> {
  const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
  const { released } = container.counts;
  proxy.cut();
  await until(() => expect([container.counts.released, container.unsettledMessages]).toEqual([released + 1, 1]));
}

describe.each([
  ['in its slot', {}],
  ['outside of a slot', { nonBlockingRedelivery: true }],
])('a message that waits %s for its next attempt', (_, policy) => {
  it('goes on waiting through lost connections: they use up no attempts', async () => {
    const { app, proxy, attempts } = await failing({ ...policy, initialRedeliveryDelay: AN_HOUR, redeliveryDelay: AN_HOUR });
    for (let n = 0; n < 8; n++) await cut(app, proxy);
    expect([attempts.length, countsOf(app).deadLettered]).toEqual([1, 0]);
  });

  it('is tried when the whole delay is over', async () => {
    const { app, proxy, attempts } = await failing({ ...policy, maximumRedeliveries: 1, initialRedeliveryDelay: 1_500 });
    await cut(app, proxy);
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    expect(attempts).toHaveLength(2);
    expect(attempts[1]! - attempts[0]!).toBeGreaterThan(1_450);
  });

  it('holds up no renewal of the session', async () => {
    const { app, attempts } = await failing({ ...policy, initialRedeliveryDelay: AN_HOUR, redeliveryDelay: AN_HOUR });
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
    expect(await app.get(ActiveMqConnection).renewConsumingSession(10_000)).toBe(true);
    await until(() => expect(container.unsettledMessages).toBe(1));
    expect([attempts.length, countsOf(app).deadLettered]).toEqual([1, 0]);
  });
});

it.each(['in', 'in.>'])('an attempt in a transaction whose connection is lost does not count: on %s', async (pattern) => {
  const [prefix, out] = [bench.queue(), bench.queue('out')];
  const { promise: release, resolve } = deferred();
  const deliveries: number[] = [];
  @Injectable()
  class Orders {
    constructor(private readonly jms: JmsMessagingTemplate) {}

    @JmsListener({
      destination: `${prefix}.${pattern}`,
      ackMode: 'transacted',
      redelivery: { maximumRedeliveries: 0 },
      deadLetter: new SharedDeadLetterStrategy({ deadLetterQueue: bench.queue('dead') }),
    })
    async handle(): Promise<void> {
      deliveries.push(performance.now());
      await this.jms.convertAndSend(out, 'x');
      if (deliveries.length === 1) await release;
    }
  }
  const proxy = await bench.proxy();
  const app = await bench.app({ providers: [Orders], options: { brokerUrl: through(proxy) } });
  const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
  await app.get(JmsMessagingTemplate).convertAndSend(`${prefix}.in${pattern === 'in' ? '' : '.a'}`, 'x');
  await until(() => expect(deliveries).toHaveLength(1));
  const lost = new Promise((onLost) => app.get(ActiveMqConnection).on('interrupted', onLost));
  proxy.cut();
  await lost;
  await container.whenSubscribed();
  resolve();
  await until(() => expect(container.counts.acknowledged).toBe(1));
  const client = await bench.client();
  expect([await client.bodies(out), container.counts.deadLettered, deliveries.length]).toEqual([['x'], 0, 2]);
});
