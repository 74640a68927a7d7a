import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsAcknowledgment, JmsListener, JmsListenerEndpointRegistry, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { countsOf, FAST, until } from './delivery.fixture.js';
import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

// The causes that ActiveMQ's page on message redelivery lists.
const bench = Bench.forFile();

/** What a handler saw of a message. */
const seenOf = ({ messageId, deliveryCount, redelivered }: JmsMessage) => ({ messageId, deliveryCount, redelivered });
type Seen = ReturnType<typeof seenOf>;

it('1. rollback: a transacted handler that throws has sent nothing, and gets the message again', async () => {
  const [queue, out] = [bench.queue('in'), bench.queue('out')];
  const seen: Seen[] = [];
  @Injectable()
  class Orders {
    constructor(private readonly jms: JmsMessagingTemplate) {}

    @JmsListener({ destination: queue, ackMode: 'transacted', redelivery: FAST })
    async handle(message: JmsMessage): Promise<void> {
      seen.push(seenOf(message));
      await this.jms.convertAndSend(out, `attempt ${message.deliveryCount}`);
      if (seen.length === 1) throw new Error('roll it back');
    }
  }
  const app = await bench.app({ providers: [Orders] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await until(() => expect(countsOf(app)).toMatchObject({ redeliveries: 1, acknowledged: 1 }));
  expect(seen.map(({ deliveryCount, redelivered }) => [deliveryCount, redelivered])).toEqual([
    [1, false],
    [2, true],
  ]);
  expect(new Set(seen.map(({ messageId }) => messageId)).size).toBe(1);
  const client = await bench.client();
  expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], ['attempt 2']]);
});

it.each(['auto', 'transacted'] as const)(
  "2. closed before the commit, in mode '%s': what was handled when the consumer closed goes to another one, flagged redelivered",
  async (ackMode) => {
    const [queue, out] = [bench.queue('in'), bench.queue('out')];
    const { promise: never, resolve } = deferred();
    const seen: Seen[] = [];
    @Injectable()
    class Orders {
      constructor(private readonly jms: JmsMessagingTemplate) {}

      @JmsListener({ destination: queue, ackMode })
      async handle(message: JmsMessage): Promise<void> {
        if (ackMode === 'transacted') await this.jms.convertAndSend(out, 'x');
        seen.push(seenOf(message));
        await never;
      }
    }
    const app = await bench.app({ providers: [Orders] });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(seen).toHaveLength(1));
    await app.get(JmsListenerEndpointRegistry).stop(undefined, 1);
    const client = await bench.client();
    const { frames } = await client.take(queue);
    await until(() => expect(frames.map(({ body }) => body.toString())).toEqual(['x']));
    expect(frames[0]?.headers).toMatchObject({ 'message-id': seen[0]?.messageId, redelivered: 'true' });
    expect(await client.bodies(out)).toEqual([]);
    // Its handler ends too late to count.
    resolve();
    await until(() => expect(app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]?.activeHandlers).toBe(0));
    await app.close();
    expect(await client.bodies(queue)).toEqual(['x']);
    expect(await client.bodies(out)).toEqual([]);
  },
);

it('3. recover: a handler that acknowledges by itself asks for the message again', async () => {
  const queue = bench.queue();
  const seen: Seen[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ destination: queue, ackMode: 'manual', redelivery: FAST })
    handle(message: JmsMessage, acknowledgment: JmsAcknowledgment): void {
      seen.push(seenOf(message));
      if (seen.length === 1) acknowledgment.recover();
      else acknowledgment.acknowledge();
    }
  }
  const app = await bench.app({ providers: [Orders] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await until(() => expect(countsOf(app)).toMatchObject({ redeliveries: 1, acknowledged: 1 }));
  expect(seen.map(({ deliveryCount, redelivered }) => [deliveryCount, redelivered])).toEqual([
    [1, false],
    [2, true],
  ]);
  await until(async () => expect(await (await bench.client()).bodies(queue)).toEqual([]));
});
