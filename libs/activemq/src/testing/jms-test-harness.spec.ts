import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import { ActiveMqTestingModule } from './activemq-testing.module.js';
import { JmsTestHarness } from './jms-test-harness.js';
import { JmsTestTimeoutError } from './jms-test-timeout.error.js';
import { bootBench, type TestBench } from './testing.fixture.js';

let bench: TestBench;
let harness: JmsTestHarness;

beforeEach(async () => {
  bench = await bootBench();
  ({ harness } = bench);
});
afterEach(() => bench.close());

describe('publishAndWait', () => {
  it('resolves with the end of the message: handled, and gone from the queue', async () => {
    const outcome = await harness.publishAndWait('orders', { id: 1 });
    expect(outcome).toMatchObject({ kind: 'acknowledged', attempts: 1, listenerId: 'orders' });
    expect(bench.orders.handled).toEqual([1]);
    expect(harness.queue('orders').depth).toBe(0);
  });

  it('skips redelivery delays: handled after three attempts', async () => {
    const before = harness.clock.now();
    const outcome = await harness.publishAndWait('orders', { id: 2, failures: 2 });
    expect(outcome).toMatchObject({ kind: 'acknowledged', attempts: 3 });
    expect(harness.outcomes.map(({ kind }) => kind)).toEqual(['retrying', 'retrying', 'acknowledged']);
    expect(harness.clock.now() - before).toBe(2_000);
  });

  it('resolves with the reason of a dead letter, which stands in its queue', async () => {
    const used = await harness.publishAndWait('orders', { id: 3, failures: 100 });
    expect(used).toMatchObject({ kind: 'dead-lettered', attempts: 7, reason: expect.stringContaining('6 redeliveries are used up') });
    expect(used.error).toMatchObject({ message: 'no luck with 3' });
    const wrong = await harness.publishAndWait('orders', { id: 4, isWrong: true }, { headers: { tenant: 'a' } });
    expect(wrong).toMatchObject({ kind: 'dead-lettered', attempts: 1, reason: expect.stringContaining('not retryable') });
    expect(harness.deadLetters()).toMatchObject([
      { queue: 'ActiveMQ.DLQ', headers: { idempotencyKey: used.message.idempotencyKey } },
      { queue: 'ActiveMQ.DLQ', text: '{"id":4,"isWrong":true}', headers: { tenant: 'a' } },
    ]);
  });

  it('awaits its own message among others, and the second of one key too', async () => {
    const [seven, eight] = await Promise.all([
      harness.publishAndWait('orders', { id: 7 }, { idempotencyKey: 'seven' }),
      harness.publishAndWait('orders', { id: 8, isWrong: true }, { idempotencyKey: 'eight' }),
    ]);
    expect([seven.kind, eight.kind]).toEqual(['acknowledged', 'dead-lettered']);
    expect(await harness.publishAndWait('orders', { id: 7, isWrong: true }, { idempotencyKey: 'seven' })).toMatchObject({
      kind: 'dead-lettered',
    });
  });

  it('says what was seen instead, who listens, and that time stands still', async () => {
    const waiting = harness.publishAndWait('orders', { id: 5, failures: 1 }, { skipDelays: false, timeout: 50, idempotencyKey: 'k' });
    await expect(waiting).rejects.toThrow(JmsTestTimeoutError);
    await expect(waiting).rejects.toThrow(
      /^No end of the message to orders \(k\) within 50 ms\. Seen instead: orders: queue:\/\/orders retrying, attempt 1, next in 1000 ms: Error: no luck with 5\. Listeners: orders on queue:\/\/orders \(running\)\. Time stands still and a redelivery is due: harness\.clock\.advance\(1000\)$/,
    );
  });

  it('says that nobody listens', async () => {
    await expect(harness.publishAndWait('oders', {}, { timeout: 20 })).rejects.toThrow(
      /to oders .* Seen instead: nothing\. Listeners: orders on queue:\/\/orders/,
    );
  });
});

describe('waitForOutcome', () => {
  it('finds what was seen already, by listener and kind, or by a predicate', async () => {
    await harness.publishAndWait('orders', { id: 1 });
    expect((await harness.waitForOutcome({ listenerId: 'orders', kind: 'acknowledged' })).message.payload).toEqual({ id: 1 });
    expect((await harness.waitForOutcome(({ message }) => message.destination === 'queue://orders')).attempts).toBe(1);
    await expect(harness.waitForOutcome({ destination: 'topic://orders' }, { timeout: 20 })).rejects.toThrow(
      /No outcome \{"destination":"topic:\/\/orders"\} within 20 ms\. Seen instead: orders: queue:\/\/orders acknowledged, attempt 1\./,
    );
  });

  it('waits for several', async () => {
    const three = harness.waitForOutcomes({ destination: 'orders', kind: 'acknowledged' }, 3);
    for (const id of [1, 2, 3]) await harness.publish('orders', { id });
    expect((await three).map(({ message }) => message.payload)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  it.each([{}, { kind: undefined }, { listener: 'orders' }])('refuses the match %o', async (match) => {
    await expect(harness.waitForOutcome(match as never)).rejects.toMatchObject({ name: 'ConfigurationError' });
  });

  it('refuses to wait for no outcome', async () => {
    await expect(harness.waitForOutcomes({ kind: 'kept' }, 0)).rejects.toThrow(/0 outcomes: give a whole number/);
  });
});

describe('what was sent', () => {
  it('is what the code under test sent, with its options, and not what the test published', async () => {
    await harness.publishAndWait('orders', { id: 1 });
    expect(harness.sent).toHaveLength(1);
    expect(harness.sentTo('invoices')).toMatchObject([
      {
        destination: 'queue://invoices',
        payload: { order: 1 },
        options: { priority: 7 },
        headers: { region: 'EU', priority: '7', persistent: 'true' },
        connection: 'default',
      },
    ]);
    expect(harness.sentTo('queue://invoices,topic://x')).toEqual([]);
    expect(harness.queue('invoices').browse()).toMatchObject([{ text: '{"order":1}', priority: 7 }]);
  });

  it('can be awaited, and its error says what was sent instead', async () => {
    const waiting = harness.waitForSent('topic://audit');
    await bench.app.get(JmsMessagingTemplate).convertAndSend('queue://copies,topic://audit', 'x');
    expect((await waiting).payload).toBe('x');
    expect((await harness.waitForSent(({ payload }) => payload === 'x')).destination).toBe('queue://copies,topic://audit');
    await expect(harness.waitForSent('invoices', { timeout: 20 })).rejects.toThrow(
      /No message to invoices was sent within 20 ms\. Sent instead: queue:\/\/copies,topic:\/\/audit \(.+\)\. Listeners: orders/,
    );
  });
});

describe('reset', () => {
  it('takes back a redelivery that is due later', async () => {
    await harness.publish('orders', { id: 1, failures: 1 });
    await harness.waitForOutcome({ kind: 'retrying' });
    await harness.reset();
    expect([harness.queue('orders').depth, harness.outcomes]).toEqual([0, []]);
    harness.clock.advance(10_000);
    await harness.publishAndWait('orders', { id: 2 });
    expect(bench.orders.handled).toEqual([2]);
  });

  it('starts no listener that was stopped', async () => {
    const registry = bench.app.get(JmsListenerEndpointRegistry);
    await registry.stop('orders');
    await harness.reset();
    expect(registry.getListenerContainer('orders')?.state).toBe('stopped');
  });

  it('leaves nothing to the next test, also of a broker that died: no redelivery, no schedule, no message, no fault, nothing seen', async () => {
    await harness.publish('orders', { id: 1, failures: 1 });
    await harness.waitForOutcome({ kind: 'retrying' });
    await harness.publish('later', 'x', { headers: { AMQ_SCHEDULED_DELAY: '5000' } });
    await harness.publish('parked', 'x');
    harness.broker.refuseConnections();
    await harness.broker.kill();
    await harness.reset();
    expect([harness.outcomes, harness.sent, harness.broker.scheduledCount]).toEqual([[], [], 0]);
    expect(['orders', 'later', 'parked'].map((name) => harness.queue(name).depth)).toEqual([0, 0, 0]);
    harness.clock.advance(10_000);
    expect(await harness.publishAndWait('orders', { id: 2 })).toMatchObject({ kind: 'acknowledged' });
    expect(bench.orders.handled).toEqual([2]);
  });
});

describe('two applications', () => {
  it('share nothing, not even with one module class', async () => {
    const other = await bootBench();
    try {
      await harness.publish('parked', 'x');
      expect([harness.queue('parked').depth, other.harness.queue('parked').depth]).toEqual([1, 0]);
    } finally {
      await other.close();
    }
  });
});

describe('misuse', () => {
  it('says how it is used', async () => {
    const unused = new JmsTestHarness();
    expect(() => unused.broker).toThrow(/There is no application yet: compile the module/);
    await expect(unused.publish('orders', 1)).rejects.toThrow(/There is no application yet/);
    expect(() => harness.brokerOf('billing')).toThrow(/no connection 'billing'; the connections are default/);
    await expect(harness.publish('orders', 1, { connection: 'billing' })).rejects.toThrow(/no connection 'billing'/);
    expect(() => new JmsTestHarness({ clock: 'system' }).clock).toThrow(/leave `clock` out/);
  });

  it.each([
    [{ timeout: 0 }, /`timeout` is 0/],
    [{ clock: Date }, /`clock` must be a ManualClock/],
    [{ timeOut: 5 }, /Did you mean `timeout`\?/],
    [{ overrides: { brokerUrl: 'stomp://x' } }, /`overrides.brokerUrl` cannot be set/],
  ])('refuses the options %o', (options, why) => {
    expect(() => new JmsTestHarness(options as never)).toThrow(why);
  });

  it('refuses an unknown option of the module', () => {
    expect(() => ActiveMqTestingModule.forRoot({ conections: [] } as never)).toThrow(/Did you mean `connections`\?/);
  });
});
