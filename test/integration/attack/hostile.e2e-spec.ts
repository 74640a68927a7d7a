import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { DeadLetterService, JmsListener, JmsListenerEndpointRegistry, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, FAST, listenerOn, LogLines, until } from '../framework/delivery.fixture.js';
import { Bench, deferred } from '../framework/framework.fixture.js';

const bench = Bench.forFile();
const DEAD = { maximumRedeliveries: 0 };

describe('dead letters of messages at the broker limits', () => {
  it.each([
    ['990 headers', Object.fromEntries(Array.from({ length: 980 }, (_, n) => [`h${n}`, 'x'])), 'x'],
    ['a header near 10 KB', { big: 'x'.repeat(10 * 1024 - 10) }, 'x'],
    ['a header near 10 KB of colons', { big: ':'.repeat(5 * 1024 - 10) }, 'x'],
    ['__proto__ headers', { __proto__x: 'y', ['__proto__']: 'evil', constructor: 'c', hasOwnProperty: 'h' } as Record<string, string>, 'x'],
    ['10 MB', {}, 'x'.repeat(10 * 1024 * 1024)],
    ['scheduled headers in lower case', { amq_scheduled_delay: '99999999' }, 'x'],
    ['garbage numbers', { deliveryCount: '99999999999999999999', firstFailedAt: '-1', deferrals: 'x' }, 'x'],
    ['content-type garbage', { 'content-type': 'application/json; charset=\u0000' }, '{'],
  ] as const)('%s', async (_what, headers, body) => {
    const queue = bench.queue();
    const Listener = listenerOn({ destination: queue, redelivery: DEAD }, () => {
      throw new Error('e'.repeat(20_000) + ':\n\\');
    });
    const app = await bench.app({ providers: [Listener] });
    const client = await bench.client();
    await client.send(queue, body, { idempotencyKey: queue, ...headers });
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    await until(async () => expect(await client.bodies(queue)).toEqual([]));
    expect(await deadLetters(bench, queue)).toHaveLength(1);
  });

  it.each(['a,b', '<b>x</b>', 'queue with space', 'colon:x', 'ünï', 'a?consumer.prefetchSize=1', 'x%2fy', "quo'te"])(
    'of a queue named %s',
    async (name) => {
      const unique = `${name}.${Math.random()}`;
      const client = await bench.client();
      const redelivery = DEAD;
      const app = await bench.app({ options: {} });
      const registry = app.get(JmsListenerEndpointRegistry);
      let container;
      try {
        container = registry.registerListener({ id: 'l', destination: unique, redelivery }, () => {
          throw new Error('no');
        });
      } catch (error) {
        console.log('REFUSED', name, String(error).slice(0, 150));
        return;
      }
      await container.whenSubscribed(AbortSignal.timeout(5_000)).catch((error) => console.log('NOSUB', name, String(error)));
      await client.send(unique, 'x', { idempotencyKey: unique });
      await until(() => expect(container.counts.deadLettered).toBeGreaterThan(0));
      const dead = await deadLetters(bench, unique);
      console.log('DEAD', name, dead.length, dead[0]?.headers['originalDestination'], container.counts.deadLettered);
      const service = app.get(DeadLetterService);
      await registry.stop('l');
      const report = await service.sendBack('ActiveMQ.DLQ', { all: true }).catch((error) => String(error));
      console.log('BACK', name, JSON.stringify(report), await client.bodies(unique).catch(String));
    },
  );
});

describe('the scheduler', () => {
  it('forged counts, AMQ_ headers and expiry', async () => {
    const queue = bench.queue();
    const seen: string[] = [];
    const Listener = listenerOn({ destination: queue, redelivery: { ...FAST, mode: 'scheduled' } }, (message) => {
      seen.push(`${message.text()}@${message.deliveryCount}`);
      throw new Error('no');
    });
    const app = await bench.app({ providers: [Listener] });
    const client = await bench.client();
    await client.send(queue, 'delay', { AMQ_SCHEDULED_DELAY: '10', AMQ_SCHEDULED_REPEAT: '1', AMQ_SCHEDULED_PERIOD: '10', idempotencyKey: `${queue}d` });
    await client.send(queue, 'forged', { deliveryCount: '2', idempotencyKey: `${queue}f` });
    await client.send(queue, 'past', { expires: String(Date.now() - 1000), idempotencyKey: `${queue}p` });
    await client.send(queue, 'soon', { expires: String(Date.now() + 5), idempotencyKey: `${queue}s` });
    await client.send(queue, 'prio', { priority: '77', idempotencyKey: `${queue}q` });
    await until(() => expect(countsOf(app).deadLettered).toBeGreaterThanOrEqual(4));
    await until(async () => expect(await client.bodies(queue)).toEqual([]));
    console.log('SEEN', seen, countsOf(app), await client.scheduledJobs());
    for (const k of 'dfpsq') console.log(k, (await deadLetters(bench, queue + k)).map(({ headers }) => [headers['deliveryCount'], headers['deadLetterReason'], headers['priority']]));
  });
});

describe('transacted', () => {
  it('floating promise, nested transaction, request inside', async () => {
    const [queue, out, ask] = [bench.queue(), bench.queue(), bench.queue()];
    const results: unknown[] = [];
    const go = deferred();
    @Injectable()
    class L {
      constructor(private readonly jms: JmsMessagingTemplate) {}
      @JmsListener({ destination: ask })
      answer(message: JmsMessage) {
        return `re ${message.text()}`;
      }
      @JmsListener({ id: 'tx', destination: queue, ackMode: 'transacted', redelivery: FAST })
      async handle(message: JmsMessage): Promise<void> {
        await this.jms.transaction(async (tx) => void (await tx.convertAndSend(out, 'nested')));
        results.push(await this.jms.convertSendAndReceive(ask, 'q', { receiveTimeout: 5_000 } as never).catch(String));
        void go.promise.then(() => this.jms.convertAndSend(out, 'floating').then(() => results.push('floating sent'), (error) => results.push(String(error))));
        void message;
      }
    }
    const app = await bench.app({ providers: [L] });
    const client = await bench.client();
    await client.send(queue, 'x');
    await until(() => expect(countsOf(app, 'tx').acknowledged).toBe(1));
    go.resolve();
    await until(() => expect(results).toHaveLength(2));
    console.log('TX', results, await client.bodies(out), countsOf(app, 'tx'));
  });
});

describe('the crash-loop guard', () => {
  it('a message that no handler ever had', async () => {
    const queue = bench.queue();
    const client = await bench.client();
    await client.send(queue, 'innocent', { idempotencyKey: queue });
    const redelivery = { maximumRedeliveries: 2 };
    for (let deploys = 0; deploys < 4; deploys++) {
      const handled: string[] = [];
      const app = await bench.app({ providers: [listenerOn({ id: 'l', destination: queue, redelivery, autoStartup: false }, () => void handled.push('x'))] });
      const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('l')!;
      container.start();
      container.pause();
      await until(() => expect(container.unsettledMessages).toBe(1));
      await app.close();
      expect(handled).toEqual([]);
    }
    const handled: string[] = [];
    const app = await bench.app({ providers: [listenerOn({ id: 'l', destination: queue, redelivery }, () => void handled.push('x'))], options: { logger: new LogLines() } });
    await until(() => expect(countsOf(app).acknowledged + countsOf(app).deadLettered).toBe(1));
    expect(handled).toEqual(['x']);
  });
});
