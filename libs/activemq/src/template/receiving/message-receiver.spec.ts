import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { ActiveMqConnection } from '../../connection/activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl } from '../../connection/connection.fixture.js';
import { SharedDeadLetterStrategy } from '../../delivery/dead-letter/shared-dead-letter-strategy.js';
import type { DeadLetterStrategyLookup } from '../../delivery/dead-letter/dead-letter-strategy-map.js';
import { DefaultMessageConverter } from '../../message/default-message-converter.js';
import { confirm, type PeerScript, wellBehavedExcept } from '../../stomp/fake-broker.fixture.js';
import { cleanUpSessions, startFakeBroker } from '../../stomp/stomp-session.fixture.js';
import { MessageReceiver } from './message-receiver.js';

cleanUpConnections();
cleanUpSessions();

type Headers = Record<string, string>;

/** A receiver from a broker that delivers these messages, one after the other is settled. */
async function receiverOf(
  messages: readonly Headers[],
  exceptions: Readonly<Record<string, PeerScript>> = {},
  { receiptTimeout = 100, deadLetter }: { receiptTimeout?: number; deadLetter?: DeadLetterStrategyLookup } = {},
) {
  const left = [...messages];
  let subscription: string | undefined;
  const deliver: PeerScript = (frame, peer) => {
    confirm(frame, peer);
    subscription ??= frame.headers['id'];
    const next = left.shift();
    const id = next?.['message-id'];
    if (next) peer.send('MESSAGE', { subscription, destination: '/queue/orders', ack: id, ...next }, Buffer.from('x'));
  };
  const broker = await startFakeBroker(wellBehavedExcept({ SUBSCRIBE: deliver, NACK: deliver, ...exceptions }));
  const connection = closeAfterTest(new ActiveMqConnection(connectionSettings(failoverUrl([broker]), { receiptTimeout })));
  const context = {
    connection,
    converter: new DefaultMessageConverter(),
    pubSubDomain: false,
    receiveTimeout: 0,
    deadLetter,
    onFailure: () => undefined,
  };
  return { broker, receiver: new MessageReceiver(context) };
}

describe('a receive', () => {
  it('hands out a message whose acknowledgement nobody knows of, rather than lose it', async () => {
    const { receiver } = await receiverOf([{ 'message-id': '1' }], { ACK: (_, peer) => peer.drop() });
    expect((await receiver.receive('orders', { timeout: 5_000 }))?.messageId).toBe('1');
  });

  it('hands out a message whose acknowledgement is not confirmed in time', async () => {
    const { receiver } = await receiverOf([{ 'message-id': '1' }], { ACK: () => undefined });
    expect((await receiver.receive('orders', { timeout: 5_000 }))?.messageId).toBe('1');
  });

  it('rejects a message that has expired, and takes the next', async () => {
    const { broker, receiver } = await receiverOf([{ 'message-id': '1', expires: '1' }, { 'message-id': '2' }]);
    expect((await receiver.receive('orders', { timeout: 5_000 }))?.messageId).toBe('2');
    expect([broker.received('NACK'), broker.received('ACK')].map((frames) => frames.map(({ headers }) => headers['id']))).toEqual([
      ['1'],
      ['2'],
    ]);
  });

  it('that does not wait fails when the broker does not tell whether there is a message: nobody knows that there is none', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { broker, receiver } = await receiverOf([], {}, { receiptTimeout: 60_000 });
    const received = receiver.receive('orders', { timeout: -1 }).catch(String);
    await broker.until(() => broker.received('SUBSCRIBE').some(({ headers }) => headers['browser'] === 'true'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await received).toMatch(
      /Nothing was received from queue:\/\/orders: the broker did not tell within 5000 ms whether there is a message/,
    );
  });

  it('with a selector that names a header with `-` is refused: it would wait for nothing', async () => {
    const { broker, receiver } = await receiverOf([]);
    const received = receiver.receive('orders', { timeout: -1 }, { selector: `content-type = 'x'` });
    await expect(received).rejects.toThrow('A receive: `selector` reads content-type as content minus type');
    expect(broker.connects).toBe(0);
  });

  it.each([
    ['graveyard', 0],
    ['orders', 1],
  ])('of what it cannot use on the queue %s rejects %i: where dead letters go it stays', async (queue, rejected) => {
    const deadLetter = () => new SharedDeadLetterStrategy({ deadLetterQueue: 'graveyard' });
    const { broker, receiver } = await receiverOf([{ 'message-id': '1' }], {}, { deadLetter });
    const accept = () => {
      throw new Error('unreadable');
    };
    await expect(receiver.receive(queue, { timeout: 5_000 }, { accept })).rejects.toThrow('unreadable');
    expect(broker.received('NACK')).toHaveLength(rejected);
  });
});
