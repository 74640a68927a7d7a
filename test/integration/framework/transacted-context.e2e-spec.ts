import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { type AckMode, JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, until } from './delivery.fixture.js';
import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

describe('a send that nobody awaits', () => {
  it('is refused after its transacted handler has ended, also when that had sent nothing: it is in no transaction that anybody commits', async () => {
    const [queue, out] = [bench.queue('in'), bench.queue('out')];
    const ended = deferred();
    const late = deferred<unknown>();
    @Injectable()
    class Forgetful {
      constructor(private readonly jms: JmsMessagingTemplate) {}

      @JmsListener({ destination: queue, ackMode: 'transacted' })
      handle(text: string): void {
        const send = async () => {
          await ended.promise;
          await this.jms.convertAndSend(out, text);
        };
        send().then(late.resolve, late.resolve);
      }
    }
    const app = await bench.app({ providers: [Forgetful] });
    const client = await bench.client();
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).acknowledged).toBe(1));
    ended.resolve();
    expect(await late.promise).toMatchObject({
      code: 'ERR_AMQ_ILLEGAL_STATE',
      message: expect.stringContaining('its transaction has ended') as string,
    });
    // Its acknowledgement is not confirmed.
    await until(async () => expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], []]));
  });
});

describe('the transaction around whoever lets a listener go on', () => {
  it.each<AckMode>(['auto', 'transacted'])("is not that of its handlers, in mode '%s'", async (ackMode) => {
    const [queue, out] = [bench.queue('in'), bench.queue('out')];
    @Injectable()
    class Forwarder {
      constructor(private readonly jms: JmsMessagingTemplate) {}

      @JmsListener({ id: 'forwarder', destination: queue, ackMode })
      async handle(text: string): Promise<void> {
        await this.jms.convertAndSend(out, text);
      }
    }
    const app = await bench.app({ providers: [Forwarder] });
    const [jms, registry, client] = [app.get(JmsMessagingTemplate), app.get(JmsListenerEndpointRegistry), await bench.client()];
    registry.pause('forwarder');
    for (const text of ['a', 'b', 'c']) await jms.convertAndSend(queue, text);
    await until(() => expect(registry.getListenerContainer('forwarder')?.unsettledMessages).toBe(3));
    await jms.transaction((tx) => {
      registry.resume('forwarder');
      tx.setRollbackOnly();
    });
    await until(() => expect(countsOf(app).acknowledged).toBe(3));
    await until(async () => expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], ['a', 'b', 'c']]));
  });
});
