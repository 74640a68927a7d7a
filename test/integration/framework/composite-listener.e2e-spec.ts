import 'reflect-metadata';
import { Injectable, type Type } from '@nestjs/common';
import {
  type AckMode,
  JmsAcknowledgment,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessage,
  JmsMessagingTemplate,
} from 'nestjs-activemq';
import { EmbeddedBroker } from 'nestjs-activemq/embedded';
import { describe, expect, it } from 'vitest';

import { bootApplication } from '../../support/application.js';
import { listenerOn, LogLines, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const SENDS = 100;

/** A broker of each kind: the copies of a composite send have one message id on both. */
const BROKERS = {
  ActiveMQ: () => Promise.resolve({ brokerUrl: bench.cluster.brokerUrl, close: () => Promise.resolve() }),
  embedded: async () => {
    const broker = await new EmbeddedBroker({ log: () => undefined }).start();
    const { port } = await broker.listen();
    return { brokerUrl: `stomp://127.0.0.1:${port}`, close: () => broker.stop() };
  },
} as const;

const modes = (Object.keys(BROKERS) as (keyof typeof BROKERS)[]).flatMap((broker) =>
  (['auto', 'manual', 'transacted'] as const).map((ackMode) => ({ broker, ackMode })),
);

describe('a listener on several queues', () => {
  it.each(modes)(
    "handles each copy of a composite send exactly once, and leaves none unacknowledged: $broker, '$ackMode'",
    async ({ broker, ackMode }) => {
      const { brokerUrl, close } = await BROKERS[broker]();
      const queues = [bench.queue('a'), bench.queue('b')] as const;
      const seen: string[] = [];
      const logger = new LogLines();
      const listener = handling(queues.join(','), ackMode, seen);
      const app = await bootApplication({ brokerUrl, logger }, [listener]);
      const jms = app.get(JmsMessagingTemplate);
      await Promise.all(Array.from({ length: SENDS }, (_, n) => jms.convertAndSend(queues.join(','), n)));
      const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
      await until(() => expect(container.counts.acknowledged).toBe(2 * SENDS));
      const every = queues.flatMap((queue) => Array.from({ length: SENDS }, (_, n) => `queue://${queue} ${n}`));
      expect([...seen].sort()).toEqual(every.sort());
      await app.close();
      const next = await bootApplication({ brokerUrl, logger }, [listener]);
      // What had come again would be handled before what is sent now.
      await next.get(JmsMessagingTemplate).convertAndSend(queues.join(','), 'last');
      await until(() => expect(seen.filter((one) => one.endsWith('last'))).toHaveLength(2));
      expect(seen).toHaveLength(2 * SENDS + 2);
      await next.close();
      const looking = await bootApplication({ brokerUrl });
      for (const queue of queues) expect(await depth(looking.get(JmsMessagingTemplate), queue)).toBe(0);
      await looking.close();
      await close();
      expect(logger.text).not.toMatch(/^(?:error|warn)/m);
    },
  );

  it('handles as many at the same time as its `concurrency` says, of all its queues together', async () => {
    const queues = [bench.queue('a'), bench.queue('b')] as const;
    const waiting: (() => void)[] = [];
    const app = await bootApplication({ brokerUrl: bench.cluster.brokerUrl, shutdownTimeout: 50 }, [
      listenerOn({ destination: queues.join(','), concurrency: 3 }, () => new Promise<void>((go) => waiting.push(go))),
    ]);
    const jms = app.get(JmsMessagingTemplate);
    for (let n = 0; n < 4; n++) await jms.convertAndSend(queues.join(','), n);
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
    await until(() => expect(container.unsettledMessages).toBe(8));
    expect([container.activeHandlers, waiting.length]).toEqual([3, 3]);
    await until(() => {
      for (const go of waiting.splice(0)) go();
      expect(container.counts.acknowledged).toBe(8);
    });
    await app.close();
  });

  it("gets the copies of several virtual topic's consumers, which ActiveMQ gives to no composite subscription", async () => {
    const topic = `VirtualTopic.${bench.queue('prices')}`;
    const seen: string[] = [];
    const destination = ['A', 'B'].map((consumer) => `Consumer.${consumer}.${topic}`).join(',');
    const app = await bootApplication({ brokerUrl: bench.cluster.brokerUrl }, [handling(destination, 'auto', seen)]);
    await app.get(JmsMessagingTemplate).convertAndSend(`topic://${topic}`, 1);
    await until(() => expect([...seen].sort()).toEqual([`queue://Consumer.A.${topic} 1`, `queue://Consumer.B.${topic} 1`]));
    await app.close();
  });
});

describe('a listener on a wildcard', () => {
  it('says once that copies of one message id came, and what helps', async () => {
    const name = bench.queue('wild');
    const logger = new LogLines();
    const seen: string[] = [];
    const app = await bootApplication({ brokerUrl: bench.cluster.brokerUrl, logger }, [handling(`${name}.>`, 'auto', seen)]);
    const jms = app.get(JmsMessagingTemplate);
    // What is paused settles nothing before its copy has come.
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
    container.pause();
    for (let n = 0; n < 3; n++) await jms.convertAndSend(`${name}.a,${name}.b`, n);
    await until(() => expect(container.unsettledMessages).toBe(6));
    container.resume();
    await until(() => expect(seen).toHaveLength(6));
    await app.close();
    const warnings = logger.text.split('\n').filter((line) => line.startsWith('warn'));
    expect(warnings).toEqual([expect.stringMatching(/^warn Listener '.*onMessage'.*queue:\/\/wild\..*one message id.*`prefetch: 1`/)]);
  });

  it('loses no acknowledgement when it takes one message at a time', async () => {
    const name = bench.queue('wild');
    const logger = new LogLines();
    let handled = 0;
    const app = await bootApplication({ brokerUrl: bench.cluster.brokerUrl, logger }, [
      listenerOn({ destination: `${name}.>`, concurrency: 1, prefetch: 1 }, () => void handled++),
    ]);
    const jms = app.get(JmsMessagingTemplate);
    for (let n = 0; n < 20; n++) await jms.convertAndSend(`${name}.a,${name}.b`, n);
    await until(() => expect(handled).toBe(40));
    await app.close();
    const looking = await bootApplication({ brokerUrl: bench.cluster.brokerUrl });
    for (const queue of ['a', 'b']) expect(await depth(looking.get(JmsMessagingTemplate), `${name}.${queue}`)).toBe(0);
    await looking.close();
    expect(logger.text).not.toMatch(/^(?:error|warn)/m);
  });
});

function handling(destination: string, ackMode: AckMode, seen: string[]): Type {
  const options = { destination, ackMode, concurrency: 3 };
  const see = (message: JmsMessage) => void seen.push(`${message.destination} ${String(message.payload)}`);
  if (ackMode !== 'manual') return listenerOn(options, see);
  @Injectable()
  class Manual {
    @JmsListener(options)
    onMessage(message: JmsMessage, acknowledgment: JmsAcknowledgment): void {
      see(message);
      acknowledgment.acknowledge();
    }
  }
  return Manual;
}

async function depth(jms: JmsMessagingTemplate, queue: string): Promise<number> {
  const found: JmsMessage[] = [];
  for await (const message of jms.browse(queue)) found.push(message);
  return found.length;
}
