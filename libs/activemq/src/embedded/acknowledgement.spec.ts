import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('acknowledgement', () => {
  let broker: EmbeddedBroker;
  let client: StompClient;

  beforeEach(async () => {
    broker = await startBroker();
    client = await StompClient.connect(broker);
  });
  afterEach(() => broker.stop());

  async function deliver(ack: string, ...bodies: string[]) {
    for (const body of bodies) await client.send('/queue/q', body);
    await client.subscribe('1', '/queue/q', { ack });
    const messages = [];
    for (const _ of bodies) messages.push(await client.message());
    return messages;
  }

  function only<T>(values: readonly T[], at: number): T {
    const value = values[at];
    if (value === undefined) throw new Error(`there is no message ${at}`);
    return value;
  }

  const left = () =>
    broker
      .queue('q')
      .browse()
      .map(({ text }) => text);

  it('auto: gone when it is sent', async () => {
    const messages = await deliver('auto', 'm1', 'm2');
    expect(left()).toEqual([]);
    expect(only(messages, 0).headers).not.toHaveProperty('ack');
  });

  it('an unknown mode is auto', async () => {
    await deliver('whatever', 'm1');
    expect(left()).toEqual([]);
  });

  it('client: up to and with the message', async () => {
    const messages = await deliver('client', 'm1', 'm2', 'm3', 'm4', 'm5');
    await client.ack(only(messages, 2));
    expect(left()).toEqual(['m4', 'm5']);
  });

  it('client-individual: exactly the message', async () => {
    const messages = await deliver('client-individual', 'm1', 'm2', 'm3');
    await client.ack(only(messages, 1));
    expect(left()).toEqual(['m1', 'm3']);
  });

  it('a second ACK of a message is refused and the connection lives on', async () => {
    const message = only(await deliver('client-individual', 'm1'), 0);
    await client.ack(message);
    const answer = await client.ack(message);
    expect(answer.command).toBe('ERROR');
    expect(answer.headers['message']).toBe('Unexpected ACK received for message-id [null]');
    expect((await client.send('/queue/other', 'x')).command).toBe('RECEIPT');
  });

  it('NACK goes to the dead letter queue at once, of that one message only', async () => {
    const messages = await deliver('client', 'm1', 'm2', 'm3');
    expect((await client.nack(only(messages, 1))).command).toBe('RECEIPT');
    expect(left()).toEqual(['m1', 'm3']);
    await client.subscribe('dlq', '/queue/ActiveMQ.DLQ');
    const dead = await client.message();
    expect(dead.headers).toMatchObject({ 'original-destination': '/queue/q', originalExpiration: '0', expires: '0', persistent: 'true' });
    expect(dead.headers['message-id']).toBe(only(messages, 1).headers['message-id']);
    expect(dead.headers).not.toHaveProperty('redelivered');
    expect(dead.headers).not.toHaveProperty('dlqDeliveryFailureCause');
  });

  it('NACK of a non-persistent message drops it', async () => {
    await client.send('/queue/q', 'np', { persistent: 'false' });
    await client.subscribe('1', '/queue/q');
    await client.nack(await client.message());
    expect([broker.queue('q').depth, broker.queue('ActiveMQ.DLQ').depth]).toEqual([0, 0]);
  });

  it('NACK of a dead letter destroys it', async () => {
    await client.nack(only(await deliver('client-individual', 'm1'), 0));
    await client.subscribe('dlq', '/queue/ActiveMQ.DLQ');
    expect((await client.nack(await client.message())).command).toBe('RECEIPT');
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(0);
  });

  it('the dead letter queue takes only one of the copies of a virtual topic', async () => {
    await client.subscribe('a', '/queue/Consumer.A.VirtualTopic.t');
    await client.subscribe('b', '/queue/Consumer.B.VirtualTopic.t');
    await client.send('/topic/VirtualTopic.t', 'm');
    const copies = [await client.message(), await client.message()];
    expect(only(copies, 0).headers['message-id']).toBe(only(copies, 1).headers['message-id']);
    for (const copy of copies) await client.nack(copy);
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(1);
  });
});
