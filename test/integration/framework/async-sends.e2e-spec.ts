import { ActiveMqConnection, JmsMessagingTemplate, SendError, type SendResult, SentMessages } from 'nestjs-activemq';
import { expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';

import { describeOnEitherBroker, type SendingBench, until } from './sending.fixture.js';
import { TcpProxy } from './tcp-proxy.fixture.js';

const FULL =
  '<policyEntry queue="full.&gt;" memoryLimit="64kb" producerFlowControl="true"><pendingQueuePolicy><vmQueueCursor/></pendingQueuePolicy></policyEntry>';
const FILLER = 'x'.repeat(10_000);

/** Callbacks that keep what they are told. */
function callbacks() {
  const succeeded: SendResult[] = [];
  const failed: unknown[] = [];
  const onSuccess = (result: SendResult) => void succeeded.push(result);
  const onException = (error: unknown) => void failed.push(error);
  return { succeeded, failed, callbacks: { onSuccess, onException } };
}

/** An application that talks to the broker through a port which can be cut. */
async function behindProxy(bench: SendingBench, options = '') {
  const proxy = await TcpProxy.before(bench.port);
  const app = await bench.boot({ brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10${options}` });
  return { proxy, app, jms: app.get(JmsMessagingTemplate) };
}

describeOnEitherBroker(
  'sends that nobody waits for',
  (bench) => {
    it('tell their end to one callback each; flush waits for all of them', async () => {
      const queue = bench.queue();
      const jms = await bench.template();
      const told = callbacks();
      for (let n = 0; n < 390; n++) void jms.convertAndSendAsync(queue, `${n}`, { ...told.callbacks, idempotencyKey: `k${n}` });
      await jms.flush();
      expect([told.succeeded.length, told.failed]).toEqual([390, []]);
      expect(told.succeeded[7]).toEqual({
        idempotencyKey: 'k7',
        destination: `queue://${queue}`,
        brokerUri: `stomp://127.0.0.1:${bench.port}`,
      });
      expect(await bench.bodies(queue)).toEqual(Array.from({ length: 390 }, (_, n) => `${n}`));
    });

    it('wait for a place in the window: whoever awaits them never has more under way than it holds', async () => {
      const queue = `full.${bench.queue()}`;
      const app = await bench.boot({ sendWindow: { messages: 20 } });
      const jms = app.get(JmsMessagingTemplate);
      const told = callbacks();
      let accepted = 0;
      const sending = (async () => {
        for (let n = 0; n < 60; n++) {
          await jms.convertAndSendAsync(queue, FILLER, told.callbacks);
          accepted++;
        }
      })();
      await until(() => expect(accepted).toBeGreaterThanOrEqual(20));
      expect(app.get(ActiveMqConnection).pendingSends).toBeLessThanOrEqual(21);
      await bench.listen(queue);
      await sending;
      await jms.flush();
      expect([told.succeeded.length, told.failed]).toEqual([60, []]);
    });

    it('are not harmed by callbacks that throw, now or later: that is logged', async () => {
      const queue = bench.queue();
      const lines: string[] = [];
      const warn = (line: unknown) => lines.push(String(line));
      const jms = await bench.template({ logger: { log: vi.fn(), error: warn, warn, debug: vi.fn() } });
      await jms.convertAndSendAsync(queue, 'a', {
        onSuccess: () => {
          throw new Error('thrown');
        },
      });
      await jms.convertAndSendAsync(queue, 'b', { onSuccess: () => Promise.reject(new Error('rejected')) });
      await jms.convertAndSendAsync(queue, 'c', {
        priority: 11,
        onException: () => {
          throw new Error('of onException');
        },
      });
      await jms.convertAndSendAsync(queue, 'd');
      await jms.flush();
      expect(await bench.bodies(queue)).toEqual(['a', 'b', 'd']);
      const failed = (name: string) => `The callback \`${name}\` of a message that was sent to ${queue} failed: Error: `;
      const texts = [
        `${failed('onSuccess')}thrown`,
        `${failed('onSuccess')}rejected`,
        `${failed('onException')}of onException`,
        '`priority` is 11',
      ];
      for (const text of texts) expect(lines.join('\n')).toContain(text);
    });

    it('tell what is wrong with them to onException, and refuse callbacks that are none', async () => {
      const jms = await bench.template();
      const told = callbacks();
      await jms.convertAndSendAsync('', 'x', told.callbacks);
      await jms.convertAndSendAsync('orders', undefined, told.callbacks);
      await jms.flush();
      expect(told.failed).toEqual([
        expect.objectContaining({ name: 'ConfigurationError' }),
        expect.objectContaining({ name: 'MessageConversionError' }),
      ]);
      await expect(jms.convertAndSendAsync('orders', 'x', { onSuccess: 'x' as never })).rejects.toThrow('`onSuccess` must be a function');
      await expect(jms.convertAndSendAsync('orders', 'x', { confirm: false } as never)).rejects.toThrow('`confirm` cannot be set');
    });

    it('have their callback when the application shuts down, with what is known of them', async () => {
      const queue = `full.${bench.queue()}`;
      const app = await bench.boot({ shutdownTimeout: 300 });
      const jms = app.get(JmsMessagingTemplate);
      const told = callbacks();
      for (let n = 0; n < 40; n++) void jms.convertAndSendAsync(queue, FILLER, told.callbacks);
      await until(() => expect(told.succeeded.length).toBeGreaterThan(3));
      await app.close();
      await jms.flush();
      expect(told.succeeded.length + told.failed.length).toBe(40);
      expect(told.failed.every((error) => error instanceof SendError)).toBe(true);
    });

    it('in a transaction succeed with its COMMIT, and fail with its rollback', async () => {
      const queue = bench.queue();
      const app = await bench.boot();
      const jms = app.get(JmsMessagingTemplate);
      const stored: unknown[] = [];
      app.get(SentMessages).sent$.subscribe(({ payload }) => stored.push(payload));
      const told = callbacks();
      await jms.transaction(async () => {
        await jms.convertAndSendAsync(queue, 'a', told.callbacks);
        await jms.flush();
        expect([told.succeeded, stored]).toEqual([[], []]);
      });
      expect([told.succeeded.length, stored]).toEqual([1, ['a']]);
      const undone = jms.transaction(async () => {
        await jms.convertAndSendAsync(queue, 'b', told.callbacks);
        throw new Error('undo');
      });
      await expect(undone).rejects.toThrow('undo');
      expect(told.failed).toEqual([expect.objectContaining({ name: 'TransactionRolledBackError' })]);
      expect([stored, await bench.bodies(queue)]).toEqual([['a'], ['a']]);
    });

    it('without confirmation resolve when they are written, in their order; flush waits until the broker has them', async () => {
      const queue = bench.queue();
      const jms = await bench.template();
      for (let n = 0; n < 50; n++) {
        const { brokerUri } = await jms.convertAndSend(queue, `${n}`, { confirm: false });
        expect(brokerUri).toBe(`stomp://127.0.0.1:${bench.port}`);
      }
      await jms.flush();
      expect(await bench.bodies(queue)).toEqual(Array.from({ length: 50 }, (_, n) => `${n}`));
    });

    it('know their callbacks, and are named where those are given to another kind of send', async () => {
      const jms = await bench.template();
      await expect(jms.convertAndSendAsync('orders', 'x', { onSucces: () => undefined } as object)).rejects.toThrow(
        /Did you mean `onSuccess`\? Known options: onSuccess, onException, headers/,
      );
      const sent = jms.convertAndSend('orders', 'x', { onSuccess: () => undefined } as object);
      await expect(sent).rejects.toThrow('`onSuccess` is an option of convertAndSendAsync');
    });

    it('without confirmation fail when they cannot be written', async () => {
      const jms = await bench.template();
      const sent = jms.convertAndSend(bench.queue(), 'x', { confirm: false, headers: { long: 'x'.repeat(20_000) } });
      await expect(sent).rejects.toMatchObject({ name: 'IllegalFrameError' });
    });

    it('without confirmation into a full queue hold up nothing but themselves: sends elsewhere are confirmed, transactions committed', async () => {
      const [full, roomy] = [`full.${bench.queue()}`, bench.queue()];
      const jms = await bench.template();
      for (let n = 0; n < 100; n++) await jms.convertAndSend(full, FILLER, { confirm: false });
      await jms.convertAndSend(roomy, 'confirmed', { sendTimeout: 5_000 });
      await jms.convertAndSend(roomy, 'not confirmed', { confirm: false });
      await jms.transaction((tx) => tx.convertAndSend(roomy, 'committed'));
      expect(await bench.bodies(roomy)).toEqual(['confirmed', 'not confirmed', 'committed']);
    });

    it('without confirmation are lost with their connection, logged and never sent again', async () => {
      const queue = bench.queue();
      const lines: string[] = [];
      const warn = (line: unknown) => lines.push(String(line));
      const proxy = await TcpProxy.before(bench.port);
      const app = await bench.boot({
        brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10`,
        logger: { log: vi.fn(), error: warn, warn, debug: vi.fn() },
      });
      const jms = app.get(JmsMessagingTemplate);
      const cut = proxy.cutAt('lost', 'before');
      await jms.convertAndSend(queue, 'lost', { confirm: false });
      await cut;
      await jms.convertAndSend(queue, 'confirmed');
      await jms.flush();
      expect(await bench.bodies(queue)).toEqual(['confirmed']);
      expect(lines.join('\n')).toContain('it may be stored, now or later');
      await proxy.close();
    });

    it('are not sent, when their time is over, while there is no connection, and may be stored when their answer was lost', async () => {
      const queue = bench.queue();
      const { proxy, jms } = await behindProxy(bench);
      const cut = proxy.cutAt('in doubt', 'after');
      const sending = jms.convertAndSend(queue, 'in doubt', { sendTimeout: 600 });
      await cut;
      proxy.break();
      await expect(sending).rejects.toMatchObject({ outcome: 'unknown', retryable: true });
      await expect(jms.convertAndSend(queue, 'never', { sendTimeout: 200 })).rejects.toMatchObject({
        outcome: 'not-sent',
        retryable: true,
      });
      const told = deferred<unknown>();
      await jms.convertAndSendAsync(queue, 'never', { sendTimeout: 200, onException: told.resolve });
      expect(await told.promise).toMatchObject({ outcome: 'not-sent' });
      expect(await bench.bodies(queue)).toEqual(['in doubt']);
      await proxy.close();
    });
  },
  { real: { policyEntries: [FULL] }, embedded: { destinationPolicy: [{ queue: 'full.>', memoryLimit: 65_536 }] } },
);
