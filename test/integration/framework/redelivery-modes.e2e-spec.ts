import 'reflect-metadata';
import { type DeliveryOutcome, JmsListenerEndpointRegistry, JmsMessage, JmsMessagingTemplate, RetryAfterError } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, FAST, listenerOn, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

/** The plugin refuses delays below 1 s. */
const PLUGIN = `<redeliveryPlugin fallbackToDeadLetter="true" sendToDlqIfMaxRetriesExceeded="true"><redeliveryPolicyMap><redeliveryPolicyMap>
  <redeliveryPolicyEntries><redeliveryPolicy queue="plugin.&gt;" maximumRedeliveries="1" initialRedeliveryDelay="1000" redeliveryDelay="1000"/></redeliveryPolicyEntries>
  </redeliveryPolicyMap></redeliveryPolicyMap></redeliveryPlugin>`;
const bench = Bench.forFile({ broker: { plugins: [PLUGIN] } });

const no = (): never => {
  throw new Error('no');
};

describe("mode 'scheduled'", () => {
  const SCHEDULED = { ...FAST, mode: 'scheduled' } as const;

  it('survives the process: another one gets the copy, with the count, and the message dies by the count of both', async () => {
    const queue = bench.queue();
    const seen: (readonly [number, boolean, string | undefined])[] = [];
    const note = ({ deliveryCount, redelivered, idempotencyKey }: JmsMessage) =>
      seen.push([deliveryCount, redelivered, idempotencyKey]) && undefined;
    const first = await bench.app({
      providers: [
        listenerOn({ destination: queue, redelivery: SCHEDULED }, (message) => {
          note(message);
          // It takes no message after this one, so that the copy cannot come back here.
          void first.get(JmsListenerEndpointRegistry).stop();
          no();
        }),
      ],
    });
    const { idempotencyKey } = await first
      .get(JmsMessagingTemplate)
      .convertAndSend(queue, 'x', { headers: { currency: 'EUR' }, priority: 7 });
    await until(() => expect(countsOf(first).redeliveries).toBe(1));
    await first.close();

    const headers: JmsMessage['headers'][] = [];
    const second = await bench.app({
      providers: [
        // The copy tells ActiveMQ the count too.
        listenerOn({ destination: queue, redelivery: SCHEDULED, selector: 'JMSXDeliveryCount > 1' }, (message) => {
          note(message);
          headers.push(message.headers);
          no();
        }),
      ],
      options: { application: 'billing' },
    });
    await until(() => expect(countsOf(second).deadLettered).toBe(1));
    expect(seen).toEqual([
      [1, false, idempotencyKey],
      [2, true, idempotencyKey],
      [3, true, idempotencyKey],
    ]);
    expect(headers[0]).toMatchObject({ currency: 'EUR', priority: '7', persistent: 'true', deliveryCount: '1', redelivered: 'true' });
    const [dead, ...more] = await deadLetters(bench, idempotencyKey);
    expect(more).toEqual([]);
    expect(dead?.headers).toMatchObject({
      deliveryCount: '3',
      deadLetterReason: 'its 2 redeliveries are used up',
      deadLetterErrorClass: 'Error',
      deadLetterErrorMessage: 'Error: no',
      originalDestination: `queue://${queue}`,
      originalMessageId: headers[0]?.['originalMessageId'],
      application: 'billing',
      currency: 'EUR',
    });
    expect(Number(dead?.headers['lastFailedAt'])).toBeGreaterThan(Number(dead?.headers['firstFailedAt']));
    expect(await (await bench.client()).bodies(queue)).toEqual([]);
  });

  it('holds no slot: what stands behind is handled meanwhile', async () => {
    const queue = bench.queue();
    const handled: string[] = [];
    const app = await bench.app({
      providers: [
        listenerOn({ destination: queue, redelivery: SCHEDULED }, (message) => {
          handled.push(`${message.text()} ${message.deliveryCount}`);
          if (message.text() === 'a' && message.deliveryCount === 1) no();
        }),
      ],
    });
    for (const order of ['a', 'b', 'c']) await app.get(JmsMessagingTemplate).convertAndSend(queue, order);
    await until(() => expect(handled).toEqual(['a 1', 'b 1', 'c 1', 'a 2']));
  });
});

describe("mode 'broker'", () => {
  const BROKER = { mode: 'broker' } as const;

  it("leaves delay and limit to the broker's redeliveryPlugin, and counts what this process has seen", async () => {
    const queue = bench.queue('plugin');
    const at: (readonly [number, number])[] = [];
    const app = await bench.app({
      providers: [
        listenerOn({ destination: queue, redelivery: BROKER }, ({ deliveryCount }) => {
          at.push([deliveryCount, performance.now()]);
          no();
        }),
      ],
    });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(async () => expect(await deadLetters(bench, idempotencyKey)).toHaveLength(1));
    expect(at.map(([count]) => count)).toEqual([1, 2]);
    expect(at[1]![1] - at[0]![1]).toBeGreaterThan(900);
    // Over STOMP the broker is not told why, and does not tell what it did.
    await until(() => expect(countsOf(app)).toMatchObject({ redeliveries: 2, deadLettered: 0 }));
    expect((await deadLetters(bench, idempotencyKey))[0]?.headers['deadLetterReason']).toBeUndefined();
  });

  it('dead-letters it here when our limit is the lower one', async () => {
    const queue = bench.queue('plugin');
    const Listener = listenerOn({ destination: queue, redelivery: { ...BROKER, maximumRedeliveries: 0 } }, no);
    const app = await bench.app({ providers: [Listener] });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app)).toMatchObject({ redeliveries: 0, deadLettered: 1 }));
    const dead = await deadLetters(bench, idempotencyKey);
    expect(dead.map(({ headers }) => headers['deadLetterReason'])).toEqual(['its policy allows no redelivery']);
  });

  it('is the dead letter queue at once where the broker has no policy for the queue', async () => {
    const queue = bench.queue();
    const app = await bench.app({ providers: [listenerOn({ destination: queue, redelivery: BROKER }, no)] });
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(async () => expect(await deadLetters(bench, idempotencyKey)).toHaveLength(1));
    // The dead letter is there before the rejection is confirmed.
    await until(() => expect(countsOf(app).redeliveries).toBe(1));
  });
});

describe('nonBlockingRedelivery', () => {
  const NON_BLOCKING = { nonBlockingRedelivery: true, initialRedeliveryDelay: 50, redeliveryDelay: 50 } as const;

  it('lets what stands behind overtake a message that waits', async () => {
    const queue = bench.queue();
    const client = await bench.client();
    for (const order of ['a', 'b', 'c']) await client.send(queue, order);
    const handled: string[] = [];
    const app = await bench.app({
      providers: [
        listenerOn({ destination: queue, redelivery: NON_BLOCKING }, (message) => {
          handled.push(`${message.text()} ${message.deliveryCount}`);
          if (message.text() === 'a' && message.deliveryCount < 3) no();
        }),
      ],
    });
    await until(() => expect(countsOf(app).acknowledged).toBe(3));
    expect(handled).toEqual(['a 1', 'b 1', 'c 1', 'a 2', 'a 3']);
    await until(async () => expect(await client.bodies(queue)).toEqual([]));
  });

  it('computes each delay from the count of the message itself', async () => {
    const queue = bench.queue();
    const client = await bench.client();
    const outcomes: DeliveryOutcome[] = [];
    const redelivery = {
      ...NON_BLOCKING,
      initialRedeliveryDelay: 10,
      useExponentialBackOff: true,
      backOffMultiplier: 2,
      maximumRedeliveries: 3,
    };
    const app = await bench.build({ providers: [listenerOn({ destination: queue, redelivery }, no)] });
    app.get(JmsListenerEndpointRegistry).outcomes$.subscribe((outcome) => outcomes.push(outcome));
    for (const order of ['a', 'b', 'c']) await client.send(queue, order, { idempotencyKey: order });
    await app.init();
    await until(() => expect(countsOf(app).deadLettered).toBe(3));
    const delays = ['a', 'b', 'c'].map((key) =>
      outcomes.filter(({ kind, message }) => kind === 'retrying' && message.idempotencyKey === key).map(({ delay }) => delay),
    );
    expect(delays).toEqual([
      [10, 20, 40],
      [10, 20, 40],
      [10, 20, 40],
    ]);
  });

  it('gives the message back when the listener stops before it is due', async () => {
    const queue = bench.queue();
    const app = await bench.app({
      providers: [listenerOn({ destination: queue, redelivery: { ...NON_BLOCKING, initialRedeliveryDelay: 60_000 } }, no)],
    });
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).redeliveries).toBe(1));
    await app.get(JmsListenerEndpointRegistry).stop();
    expect(countsOf(app).released).toBe(1);
    const { frames } = await (await bench.client()).take(queue);
    await until(() => expect(frames.map(({ body }) => body.toString())).toEqual(['x']));
  });
});

describe('RetryAfterError', () => {
  it('says when: its delay stands for that of the policy, the attempt counts', async () => {
    const queue = bench.queue();
    const outcomes: DeliveryOutcome[] = [];
    const redelivery = { maximumRedeliveries: 2, initialRedeliveryDelay: 60_000, redeliveryDelay: 60_000, retryable: () => false };
    const app = await bench.app({
      providers: [
        listenerOn({ destination: queue, redelivery }, ({ deliveryCount }) => {
          throw new RetryAfterError(deliveryCount * 10, 'the bank is closed');
        }),
      ],
    });
    app.get(JmsListenerEndpointRegistry).outcomes$.subscribe((outcome) => outcomes.push(outcome));
    const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    expect(outcomes.map(({ kind, delay }) => [kind, delay])).toEqual([
      ['retrying', 10],
      ['retrying', 20],
      ['dead-lettered', undefined],
    ]);
    expect((await deadLetters(bench, idempotencyKey))[0]?.headers).toMatchObject({
      deliveryCount: '3',
      deadLetterErrorClass: 'RetryAfterError',
      deadLetterErrorMessage: 'RetryAfterError: the bank is closed',
    });
  });
});
