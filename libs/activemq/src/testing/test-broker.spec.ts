import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { BrokerDeadLetterStrategy } from '../delivery/dead-letter/broker-dead-letter-strategy.js';
import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import type { JmsTestHarness } from './jms-test-harness.js';
import { bootBench, type TestBench } from './testing.fixture.js';

let bench: TestBench;
let harness: JmsTestHarness;
let jms: JmsMessagingTemplate;

beforeEach(async () => {
  bench = await bootBench();
  ({ harness } = bench);
  jms = bench.app.get(JmsMessagingTemplate);
});
afterEach(() => bench.close());

describe('a broker told to', () => {
  it('fail over, again and again: nothing confirmed is lost, listeners go on', async () => {
    await harness.publish('parked', 'kept');
    const visited: string[] = [];
    for (const id of [1, 2, 3]) {
      await harness.broker.failover();
      expect(await harness.publishAndWait('orders', { id })).toMatchObject({ kind: 'acknowledged' });
      visited.push(bench.app.get(ActiveMqConnection).brokerUri ?? '');
    }
    expect(visited).toEqual(['vm://b', 'vm://a', 'vm://b']);
    expect(bench.orders.handled).toEqual([1, 2, 3]);
    expect(harness.queue('parked').browse()).toMatchObject([{ text: 'kept' }]);
  });

  it('die: sends wait, and go out when it is there again', async () => {
    await harness.broker.kill();
    expect(harness.broker.running).toBe(false);
    expect(() => harness.queue('orders')).toThrow(/has no master/);
    const sending = jms.convertAndSend('orders', { id: 1 });
    await expect(harness.waitForOutcome({ kind: 'acknowledged' }, { timeout: 30 })).rejects.toThrow(/The broker of 'default' is dead/);
    await harness.broker.start();
    await sending;
    expect(await harness.waitForOutcome({ kind: 'acknowledged' })).toMatchObject({ message: { payload: { id: 1 } } });
  });

  it('die: a publish of the test fails within its own time', async () => {
    await harness.broker.kill();
    await expect(harness.publishAndWait('orders', { id: 1 }, { sendTimeout: 30 })).rejects.toMatchObject({
      name: 'SendError',
      outcome: 'not-sent',
    });
  });

  it('die while a handler runs: the message comes again, and is not handled twice', async () => {
    await harness.publish('orders', { id: 1, failures: 1 });
    await harness.waitForOutcome({ kind: 'retrying' });
    await harness.broker.failover();
    expect(await harness.waitForOutcome({ kind: 'acknowledged' }, { skipDelays: true })).toMatchObject({ message: { payload: { id: 1 } } });
    expect(bench.orders.handled).toEqual([1]);
    expect(harness.queue('orders').depth).toBe(0);
  });

  it('refuse: nobody gets in until it is healed', async () => {
    harness.broker.refuseConnections();
    await harness.broker.kill();
    await harness.broker.start();
    const waiting = jms.convertAndSend('orders', { id: 1 }, { sendTimeout: 40 });
    await expect(waiting).rejects.toMatchObject({ name: 'SendError', outcome: 'not-sent' });
    harness.broker.heal();
    expect(await harness.publishAndWait('orders', { id: 2 })).toMatchObject({ kind: 'acknowledged' });
  });

  it('lose a receipt: the message is stored, its sender does not know', async () => {
    harness.broker.loseReceipts();
    await expect(jms.convertAndSend('parked', 'x', { sendTimeout: 30 })).rejects.toMatchObject({ outcome: 'unknown' });
    expect(harness.queue('parked').depth).toBe(1);
    await jms.convertAndSend('parked', 'y');
    expect(harness.queue('parked').depth).toBe(2);
  });

  it('be slow, until it is healed', async () => {
    harness.broker.slowDown(60);
    await expect(jms.convertAndSend('parked', 'x', { sendTimeout: 20 })).rejects.toMatchObject({ outcome: 'unknown' });
    await jms.convertAndSend('parked', 'y', { sendTimeout: 2_000 });
    harness.broker.heal();
    await jms.convertAndSend('parked', 'z', { sendTimeout: 1_000 });
    expect(harness.queue('parked').depth).toBe(3);
  });

  it('be what its options say', async () => {
    const overrides = { deadLetter: new BrokerDeadLetterStrategy() };
    const other = await bootBench({
      overrides,
      broker: { destinationPolicy: [{ queue: '>', deadLetterStrategy: { kind: 'individual' } }] },
    });
    try {
      await other.harness.publishAndWait('orders', { id: 1, isWrong: true });
      expect(other.harness.deadLetters()).toMatchObject([{ queue: 'ActiveMQ.DLQ.Queue.orders' }]);
    } finally {
      await other.close();
    }
  });
});
