import {
  ActiveMqConnection,
  IllegalStateError,
  JmsMessagingTemplate,
  type JmsTransaction,
  TransactionRolledBackError,
} from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { deferred } from '../../support/deferred.js';

import { describeOnEitherBroker } from './sending.fixture.js';
import { TcpProxy } from './tcp-proxy.fixture.js';

/** A queue that nobody may write to. */
const FORBIDDEN = 'forbidden.orders';
const users = [{ username: 'app', password: 'secret', groups: 'apps' }];
const authorization = `<authorizationPlugin><map><authorizationMap><authorizationEntries>
    <authorizationEntry queue="sending.&gt;" read="apps" write="apps" admin="apps"/>
    <authorizationEntry queue="full.&gt;" read="apps" write="apps" admin="apps"/>
    <authorizationEntry topic="ActiveMQ.Advisory.&gt;" read="apps" write="apps" admin="apps"/>
  </authorizationEntries></authorizationMap></map></authorizationPlugin>`;
const FULL =
  '<policyEntry queue="full.&gt;" memoryLimit="64kb" producerFlowControl="true"><pendingQueuePolicy><vmQueueCursor/></pendingQueuePolicy></policyEntry>';
const LOGIN = { user: 'app', password: 'secret' };

describeOnEitherBroker(
  'a transaction of the template',
  (bench) => {
    const lying = async (queue: string) => (await bench.raw(LOGIN)).bodies(queue);

    it('sends everything or nothing, in the order of its sends, and returns what its callback returned', async () => {
      const [queue, other] = [bench.queue(), bench.queue()];
      const jms = await bench.template(LOGIN);
      const seen: (readonly string[])[] = [];
      const result = await jms.transaction(async (tx) => {
        for (let n = 0; n < 5; n++) await tx.convertAndSend(queue, `${n}`);
        await tx.send(other, { body: 'raw' });
        seen.push(await lying(queue));
        return 42;
      });
      expect([result, seen, await lying(queue), await lying(other)]).toEqual([42, [[]], ['0', '1', '2', '3', '4'], ['raw']]);
    });

    it('is rolled back when its callback throws, and rethrows that', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const mine = new Error('mine');
      const failing = jms.transaction(async (tx) => {
        await tx.convertAndSend(queue, 'x');
        throw mine;
      });
      await expect(failing).rejects.toBe(mine);
      await jms.convertAndSend(queue, 'after');
      expect(await lying(queue)).toEqual(['after']);
    });

    it('tells those who join it when its time, or their own, is over', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const aborted = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      const outer = jms.transaction(() => jms.transaction((tx) => aborted(tx.signal)), { timeout: 100 });
      await expect(outer).rejects.toThrow('The transaction has not ended within 100 ms');
      const parts: AbortSignal[] = [];
      const inner = jms.transaction(async (tx) => {
        await tx.convertAndSend(queue, 'x');
        const joined = jms.transaction(({ signal }) => (parts.push(signal), aborted(tx.signal)), { timeout: 50 });
        await expect(joined).rejects.toThrow('This part of a transaction has not ended within 50 ms');
      });
      await expect(inner).rejects.toBeInstanceOf(TransactionRolledBackError);
      expect([parts[0]?.aborted, await lying(queue)]).toEqual([true, []]);
    });

    it('is joined by every send of the template inside it, by transactions inside it, and left with withoutTransaction', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const failing = jms.transaction(async () => {
        await jms.convertAndSend(queue, 'template');
        await jms.destination(queue).withPriority(9).send('fluent');
        await jms.transaction((inner) => inner.convertAndSend(queue, 'inner'));
        await jms.convertAndSend(queue, 'unconfirmed', { confirm: false });
        await jms.withoutTransaction(() => jms.convertAndSend(queue, 'outside'));
        throw new Error('undo');
      });
      await expect(failing).rejects.toThrow('undo');
      expect(await lying(queue)).toEqual(['outside']);
      await jms.transaction(async () => {
        await jms.convertAndSend(queue, 'template');
        await jms.transaction((inner) => inner.convertAndSend(queue, 'inner'));
      });
      expect(await lying(queue)).toEqual(['outside', 'template', 'inner']);
    });

    it('cannot be committed when a transaction inside it failed, although its callback went on', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const outer = jms.transaction(async (tx) => {
        await tx.convertAndSend(queue, 'x');
        await expect(jms.transaction(() => Promise.reject(new Error('inner')))).rejects.toThrow('inner');
        expect(tx.isRollbackOnly).toBe(true);
      });
      await expect(outer).rejects.toBeInstanceOf(TransactionRolledBackError);
      await expect(outer).rejects.toThrow('inner');
      expect(await lying(queue)).toEqual([]);
    });

    it('sends nothing after setRollbackOnly, and ends well', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const result = await jms.transaction(async (tx) => {
        await tx.convertAndSend(queue, 'x');
        tx.setRollbackOnly();
        return 'decided';
      });
      expect([result, await lying(queue)]).toEqual(['decided', []]);
    });

    it('is rolled back when the broker refuses one of its messages, also when the callback goes on: ActiveMQ would commit the rest', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const outcomes: unknown[] = [];
      const failing = jms.transaction(async (tx) => {
        await tx.convertAndSend(queue, 'x');
        await tx.convertAndSend(FORBIDDEN, 'y').catch((error: unknown) => outcomes.push(error));
        await tx.convertAndSend(queue, 'z').catch((error: unknown) => outcomes.push(error));
      });
      await expect(failing).rejects.toMatchObject({ name: 'TransactionRolledBackError', outcome: 'not-sent', retryable: false });
      expect(outcomes).toEqual([expect.any(TransactionRolledBackError), expect.any(TransactionRolledBackError)]);
      expect(await lying(queue)).toEqual([]);
    });

    it('has all of the sends that its callback began, or none: COMMIT waits for those that nobody awaits', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      await jms.transaction((tx) => {
        for (let n = 0; n < 390; n++) void tx.convertAndSend(queue, `${n}`);
      });
      await expect(
        jms.transaction((tx) => {
          for (let n = 0; n < 390; n++) void tx.convertAndSend(n === 300 ? FORBIDDEN : queue, 'no').catch(() => undefined);
        }),
      ).rejects.toBeInstanceOf(TransactionRolledBackError);
      expect(await lying(queue)).toEqual(Array.from({ length: 390 }, (_, n) => `${n}`));
    });

    it('takes nothing after its end', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const { promise: late, resolve } = deferred<Promise<unknown>>();
      const ended = deferred();
      let kept: JmsTransaction | undefined;
      await jms.transaction(async (tx) => {
        kept = tx;
        resolve(ended.promise.then(() => jms.convertAndSend(queue, 'forgotten')));
        await tx.convertAndSend(queue, 'x');
      });
      await expect(kept!.convertAndSend(queue, 'late')).rejects.toBeInstanceOf(IllegalStateError);
      ended.resolve();
      await expect(late).rejects.toThrow('await every send');
      expect(await lying(queue)).toEqual(['x']);
    });

    it('keeps apart from those that run at the same time', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const run = (n: number) =>
        jms.transaction(async (tx) => {
          for (let i = 0; i < 5; i++) await (i % 2 ? jms : tx).convertAndSend(queue, `${n}.${i}`);
          if (n % 3 === 0) throw new Error('undo');
        });
      const ends = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => run(n)));
      expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(10);
      const bodies = await lying(queue);
      expect(bodies).toHaveLength(100);
      expect(bodies.filter((body) => Number(body.split('.')[0]) % 3 === 0)).toEqual([]);
    });

    it('is rolled back when its time is over, while the callback goes on in vain', async () => {
      const queue = bench.queue();
      const jms = await bench.template(LOGIN);
      const never = deferred();
      let signal: AbortSignal | undefined;
      const slow = jms.transaction(
        async (tx) => {
          signal = tx.signal;
          await tx.convertAndSend(queue, 'x');
          await never.promise;
        },
        { timeout: 300 },
      );
      await expect(slow).rejects.toMatchObject({ name: 'TransactionRolledBackError', outcome: 'not-sent', retryable: true });
      await expect(slow).rejects.toThrow('has not ended within 300 ms');
      expect([signal?.aborted, await lying(queue)]).toEqual([true, []]);
    });

    it('is rolled back when a full queue takes no message of it in time', async () => {
      const queue = `full.${bench.queue()}`;
      const jms = await bench.template(LOGIN);
      const filler = 'x'.repeat(10_000);
      const failing = jms.transaction(
        async (tx) => {
          for (let n = 0; n < 20; n++) await tx.convertAndSend(queue, filler);
        },
        { timeout: 1_500 },
      );
      await expect(failing).rejects.toBeInstanceOf(TransactionRolledBackError);
      await jms.convertAndSend(queue, 'after');
      expect(await lying(queue)).toEqual(['after']);
    });

    it('was not sent when its connection dies before COMMIT, and says so', async () => {
      const queue = bench.queue();
      const proxy = await TcpProxy.before(bench.port);
      const app = await bench.boot({ ...LOGIN, brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})` });
      const jms = app.get(JmsMessagingTemplate);
      const interrupted = deferred();
      app.get(ActiveMqConnection).on('interrupted', () => interrupted.resolve());
      let calls = 0;
      const failing = jms.transaction(async (tx) => {
        calls++;
        await tx.convertAndSend(queue, 'x');
        proxy.cut();
        await interrupted.promise;
        expect(tx.signal.aborted).toBe(true);
      });
      await expect(failing).rejects.toMatchObject({ name: 'TransactionRolledBackError', outcome: 'not-sent', retryable: true });
      await jms.convertAndSend(queue, 'after');
      expect([calls, await lying(queue)]).toEqual([1, ['after']]);
      await proxy.close();
    });

    it.each([
      ['before', []],
      ['after', ['x', 'y']],
    ] as const)(
      'says that its end is unknown when its connection dies in COMMIT, %s the broker got it: all of it or nothing',
      async (when, stored) => {
        const queue = bench.queue();
        const proxy = await TcpProxy.before(bench.port);
        const jms = await bench.template({ ...LOGIN, brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})` });
        const cut = proxy.cutAt('COMMIT', when);
        const failing = jms.transaction(async (tx) => {
          await tx.convertAndSend(queue, 'x');
          await tx.convertAndSend(queue, 'y');
        });
        await expect(failing).rejects.toMatchObject({ name: 'SendError', outcome: 'unknown', retryable: false });
        await cut;
        // Never repeated by itself, and the template goes on.
        await jms.convertAndSend(queue, 'after');
        expect(await lying(queue)).toEqual([...stored, 'after']);
        await proxy.close();
      },
    );

    it('refuses what is no callback, and unknown options', async () => {
      const jms = await bench.template(LOGIN);
      await expect(jms.transaction('x' as never)).rejects.toMatchObject({ name: 'ConfigurationError' });
      await expect(jms.transaction(() => 1, { timeuot: 5 } as never)).rejects.toThrow('Did you mean `timeout`');
    });
  },
  {
    real: { users, plugins: [authorization], policyEntries: [FULL] },
    embedded: {
      user: 'app',
      password: 'secret',
      authorize: (_, action, destination) => action === 'read' || !destination.startsWith('queue://forbidden.'),
      destinationPolicy: [{ queue: 'full.>', memoryLimit: 65_536 }],
    },
  },
);
