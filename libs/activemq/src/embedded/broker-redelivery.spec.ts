import { afterEach, describe, expect, it } from 'vitest';

import type { BrokerRedeliveryPolicy } from './dead-letter/broker-redelivery.js';
import type { EmbeddedBroker } from './embedded-broker.js';
import { ManualClock } from './broker/manual-clock.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('redelivery by the broker', () => {
  const clock = new ManualClock(1_700_000_000_000);
  let broker: EmbeddedBroker;
  let client: StompClient;
  afterEach(() => broker.stop());

  async function begin(policy: Omit<BrokerRedeliveryPolicy, 'queue'>): Promise<void> {
    broker = await startBroker({ clock, redeliveryPlugin: [{ queue: 'q', ...policy }], schedulerTick: 1 });
    client = await StompClient.connect(broker);
    await client.send('/queue/q', 'x');
    await client.subscribe('1', '/queue/q');
  }

  it('delivers maximumRedeliveries + 1 times, the same message, then gives it up', async () => {
    await begin({ maximumRedeliveries: 3 });
    const seen = [];
    for (let i = 0; i < 4; i++) {
      const message = await client.message();
      seen.push([message.headers['message-id'], message.headers['redelivered'], message.headers['redeliveryDelay']]);
      await client.nack(message);
      clock.advance(1001);
    }
    const id = seen[0]?.[0];
    expect(seen).toEqual([[id, undefined, undefined], ...Array.from({ length: 3 }, () => [id, 'true', '1000'])]);
    expect([broker.queue('q').depth, broker.queue('ActiveMQ.DLQ').depth, broker.scheduledCount]).toEqual([0, 1, 0]);
  });

  it('backs off, up to a limit', async () => {
    await begin({ useExponentialBackOff: true, backOffMultiplier: 2, maximumRedeliveryDelay: 3000 });
    const delays = [];
    for (let i = 0; i < 4; i++) {
      await client.nack(await client.message());
      clock.advance(5000);
      const message = await client.message();
      delays.push(message.headers['redeliveryDelay']);
      client.frames.unshift(message);
    }
    expect(delays).toEqual(['1000', '2000', '3000', '3000']);
  });

  it('counts the death of a connection as a delivery', async () => {
    await begin({ maximumRedeliveries: 1 });
    await client.message();
    client.socket.destroy();
    await client.closed;
    client = await StompClient.connect(broker);
    await client.subscribe('1', '/queue/q');
    await client.nack(await client.message());
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(1);
  });

  it('leaves other queues alone', async () => {
    await begin({});
    await client.send('/queue/other', 'x');
    await client.subscribe('2', '/queue/other');
    await client.nack(await client.next(({ headers }) => headers['subscription'] === '2'));
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(1);
  });
});
