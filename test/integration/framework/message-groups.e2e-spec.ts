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
import { describe, expect, it } from 'vitest';

import { FAST, listenerOn, LogLines, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const MODES = ['auto', 'manual', 'transacted'] as const;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
/** Later ones would overtake: each takes fewer turns of the event loop than the one before it. */
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function grouped(destination: string, ackMode: AckMode, handle: (message: JmsMessage<number>) => Promise<void>): Type {
  const options = { destination, ackMode, concurrency: 5, redelivery: FAST };
  if (ackMode !== 'manual') return listenerOn(options, (message) => handle(message as JmsMessage<number>));
  @Injectable()
  class Manual {
    @JmsListener(options)
    onMessage(message: JmsMessage<number>, acknowledgment: JmsAcknowledgment): void {
      // Decided when the handler has returned: until then it is its group's turn.
      void handle(message).then(
        () => acknowledgment.acknowledge(),
        () => acknowledgment.recover(),
      );
    }
  }
  return Manual;
}

async function start(listener: Type, logger?: LogLines) {
  const app = await bench.app({ providers: [listener], options: { shutdownTimeout: 50, logger } });
  const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
  return { jms: app.get(JmsMessagingTemplate), container };
}

describe('a message group', () => {
  it.each(MODES)("is handled in its order by a listener of concurrency 5, in mode '%s'", async (ackMode) => {
    const queue = bench.queue();
    const handled: number[] = [];
    const { jms, container } = await start(
      grouped(queue, ackMode, async ({ payload }) => {
        await turns(50 - payload);
        handled.push(payload);
      }),
    );
    container.pause();
    for (const n of upTo(50)) await jms.convertAndSend(queue, n, { groupId: 'g' });
    container.resume();
    await until(() => expect(container.counts.acknowledged).toBe(50));
    expect(handled).toEqual(upTo(50));
  });

  it.each(MODES)("keeps its order when its first message fails and is tried again, in mode '%s'", async (ackMode) => {
    const queue = bench.queue();
    const ended: string[] = [];
    const { jms, container } = await start(
      grouped(queue, ackMode, async ({ payload, deliveryCount }) => {
        await turns(5 - payload);
        ended.push(`${payload}.${deliveryCount}`);
        if (payload === 0 && deliveryCount < 3) throw new Error('not yet');
      }),
    );
    for (const n of upTo(5)) await jms.convertAndSend(queue, n, { groupId: 'g' });
    await until(() => expect(container.counts.acknowledged).toBe(5));
    expect(ended).toEqual(['0.1', '0.2', '0.3', '1.1', '2.1', '3.1', '4.1']);
  });

  it.each(['auto', 'manual'] as const)("goes on beside another one, and beside messages of none, in mode '%s'", async (ackMode) => {
    const queue = bench.queue();
    const running = new Map<string, () => void>();
    const { jms, container } = await start(
      grouped(
        queue,
        ackMode,
        ({ payload, headers }) => new Promise<void>((resolve) => running.set(`${headers['groupId'] ?? ''}${payload}`, resolve)),
      ),
    );
    for (const n of upTo(3)) for (const groupId of ['g', 'h']) await jms.convertAndSend(queue, n, { groupId });
    await jms.convertAndSend(queue, 9);
    await until(() => expect([...running.keys()]).toEqual(['g0', 'h0', '9']));
    running.get('h0')!();
    await until(() => expect([...running.keys()]).toEqual(['g0', 'h0', '9', 'h1']));
    await until(() => {
      for (const end of running.values()) end();
      expect(container.counts.acknowledged).toBe(7);
    });
  });
});

describe('an exclusive listener', () => {
  it.each(MODES)("handles one message at a time whatever its concurrency, and says so, in mode '%s'", async (ackMode) => {
    const queue = bench.queue();
    const handled: number[] = [];
    let running = 0;
    let most = 0;
    const logger = new LogLines();
    @Injectable()
    class Exclusive {
      @JmsListener({ destination: queue, ackMode, concurrency: 5, exclusive: true })
      async onMessage(message: JmsMessage<number>): Promise<void> {
        most = Math.max(most, ++running);
        await turns(20 - message.payload);
        running--;
        handled.push(message.payload);
      }
    }
    const { jms, container } = await start(Exclusive, logger);
    container.pause();
    for (const n of upTo(20)) await jms.convertAndSend(queue, n);
    container.resume();
    await until(() => expect(handled).toHaveLength(20));
    expect([handled, most, container.concurrency]).toEqual([upTo(20), 1, 1]);
    expect(logger.text).toMatch(/^warn Listener .*`exclusive: true` .* one at a time/m);
  });
});
