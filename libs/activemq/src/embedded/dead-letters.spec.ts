import { afterEach, describe, expect, it } from 'vitest';

import type { DestinationPolicy } from './broker/destination-policy.js';
import type { EmbeddedBroker } from './embedded-broker.js';
import { ManualClock } from './broker/manual-clock.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('dead letters', () => {
  const start = 1_700_000_000_000;
  const clock = new ManualClock(start);
  let broker: EmbeddedBroker;
  let client: StompClient;

  async function begin(destinationPolicy: DestinationPolicy[] = []): Promise<void> {
    broker = await startBroker({ clock, destinationPolicy });
    client = await StompClient.connect(broker);
  }
  afterEach(() => broker.stop());

  async function nack(destination: string, headers = {}): Promise<void> {
    await client.send(destination, 'm', headers);
    await client.subscribe('q', destination);
    await client.nack(await client.message());
    await client.ask('UNSUBSCRIBE', { id: 'q' });
  }

  const queues = () => broker.queueNames().filter((name) => broker.queue(name).depth > 0);

  it('expired: moved when a consumer comes, with the reason', async () => {
    await begin();
    await client.send('/queue/q', 'x', { expires: String(clock.now() + 10) });
    clock.advance(11);
    expect(queues()).toEqual(['q']);
    await client.subscribe('1', '/queue/q');
    expect(queues()).toEqual(['ActiveMQ.DLQ']);
    await client.subscribe('dlq', '/queue/ActiveMQ.DLQ');
    const { headers } = await client.message();
    const expiration = headers['originalExpiration'];
    expect(headers['expires']).toBe('0');
    expect(headers['dlqDeliveryFailureCause']).toBe(`java.lang.Throwable: Message Expired. Expiration:${expiration}`);
  });

  it('expired: moved by the search of every 30 s', async () => {
    await begin();
    await client.send('/queue/q', 'x', { expires: String(clock.now() + 10) });
    await client.send('/queue/q', 'np', { expires: String(clock.now() + 10), persistent: 'false' });
    clock.advance(30_000);
    expect(queues()).toEqual(['ActiveMQ.DLQ']);
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(1);
  });

  it('expired before it was sent: receipt, then dead letter', async () => {
    await begin();
    expect((await client.send('/queue/q', 'x', { expires: '1000' })).command).toBe('RECEIPT');
    expect(queues()).toEqual(['ActiveMQ.DLQ']);
  });

  it('expired in flight: an ACK counts', async () => {
    await begin();
    await client.send('/queue/q', 'x', { expires: String(clock.now() + 10) });
    await client.subscribe('1', '/queue/q');
    const message = await client.message();
    clock.advance(60_000);
    await client.ack(message);
    expect(queues()).toEqual([]);
  });

  it('processExpired off: expired messages vanish', async () => {
    await begin([{ queue: '>', deadLetterStrategy: { kind: 'shared', processExpired: false } }]);
    await client.send('/queue/q', 'x', { expires: '1000' });
    expect(queues()).toEqual([]);
  });

  it('a shared queue of another name, non-persistent messages too', async () => {
    await begin([{ queue: '>', deadLetterStrategy: { kind: 'shared', deadLetterQueue: 'graves', processNonPersistent: true } }]);
    await nack('/queue/q', { persistent: 'false' });
    const [dead] = broker.queue('graves').browse();
    expect(dead?.persistent).toBe(true);
    expect(dead?.headers['originalDeliveryMode']).toBe('NON_PERSISTENT');
  });

  it('a queue for each queue, by prefix and suffix', async () => {
    await begin([
      { queue: 'orders.>', deadLetterStrategy: { kind: 'individual', queuePrefix: 'DLQ.' } },
      { queue: 'bills', deadLetterStrategy: { kind: 'individual', queuePrefix: '', queueSuffix: '.dlq' } },
    ]);
    await nack('/queue/orders.eu');
    await nack('/queue/bills');
    await nack('/queue/other');
    expect(queues().toSorted()).toEqual(['ActiveMQ.DLQ', 'DLQ.orders.eu', 'bills.dlq']);
  });

  it('a dead letter of a queue without a policy of its own that is rejected again goes to the shared one', async () => {
    await begin([{ queue: 'orders', deadLetterStrategy: { kind: 'individual', queuePrefix: 'DLQ.' } }]);
    await nack('/queue/orders');
    await client.subscribe('d', '/queue/DLQ.orders');
    await client.nack(await client.message());
    const [dead] = broker.queue('ActiveMQ.DLQ').browse();
    expect(dead?.text).toBe('m');
    expect(queues()).toEqual(['ActiveMQ.DLQ']);
  });

  it('discarding: gone', async () => {
    await begin([{ queue: '>', deadLetterStrategy: { kind: 'discarding' } }]);
    await nack('/queue/q');
    expect(queues()).toEqual([]);
  });

  it('without the audit every copy of a virtual topic is kept', async () => {
    await begin([{ queue: '>', deadLetterStrategy: { kind: 'shared', enableAudit: false } }]);
    for (const name of ['A', 'B']) await client.subscribe(name, `/queue/Consumer.${name}.VirtualTopic.t`);
    await client.send('/topic/VirtualTopic.t', 'm');
    for (const copy of [await client.message(), await client.message()]) await client.nack(copy);
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(2);
  });

  it('expiration: dead letters live for a while', async () => {
    await begin([{ queue: 'q', deadLetterStrategy: { kind: 'shared', expiration: 1500 } }]);
    await nack('/queue/q');
    await client.subscribe('dlq', '/queue/ActiveMQ.DLQ');
    expect((await client.message()).headers['expires']).toBe(String(clock.now() + 1500));
  });

  it('a queue for each durable subscription', async () => {
    await begin([{ topic: '>', deadLetterStrategy: { kind: 'individual', topicPrefix: 'DLT.', destinationPerDurableSubscriber: true } }]);
    const subscriber = await StompClient.connect(broker, { 'client-id': 'c' });
    await subscriber.subscribe('1', '/topic/t', { 'activemq.subscriptionName': 's' });
    await client.send('/topic/t', 'm');
    await subscriber.nack(await subscriber.message());
    expect(queues()).toEqual(['DLT.t.c:s']);
  });
});
