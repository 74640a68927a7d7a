import { describe, expect, it, vi } from 'vitest';

import { BrokerError, ConnectionClosedError, IllegalFrameError, ReceiptTimeoutError } from '../errors/index.js';
import { confirm, connected, type PeerScript, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo } from './connection.fixture.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { IncomingDelivery } from './incoming-delivery.js';
import { MessageConsumer } from './message-consumer.js';

cleanUpConnections();
cleanUpSessions();

/** A consumer of /queue/a, wired to its link as a connection does it, and what it reports. */
async function consumerOf(
  script: PeerScript = wellBehaved,
  headers: Record<string, string> = {},
  settings: Partial<ConnectionSettings> = {},
) {
  const broker = await startFakeBroker(script);
  const reports: string[] = [];
  const deliveries: IncomingDelivery[] = [];
  const changes: (() => void)[] = [];
  const report = (text: string) => {
    reports.push(text);
    for (const look of changes) look();
  };
  const { link } = linkTo(
    failoverUrl([broker]),
    { onOpen: (session) => consumer.sessionOpened(session), onLost: () => consumer.sessionLost() },
    settings,
  );
  let last = 0;
  const consumer: MessageConsumer = new MessageConsumer(
    link,
    () => `s${++last}`,
    { headers: { destination: '/queue/a', ack: 'client-individual', ...headers }, recoveryInterval: 20, receiptTimeout: 2_000 },
    {
      onDelivery: (delivery) => {
        deliveries.push(delivery);
        report(`delivery ${delivery.frame.headers['message-id']}`);
      },
      onSubscribed: () => report('subscribed'),
      onRefused: (error) => report(`refused: ${error.name}`),
      onInterrupted: () => report('interrupted'),
    },
  );
  const until = (text: string, count = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (reports.filter((line) => line.startsWith(text)).length >= count) resolve();
      };
      changes.push(look);
      look();
    });
  const deliver = (id: string, subscription: string) => {
    broker.peer.send('MESSAGE', { subscription, 'message-id': id, ack: `ack-${id}`, destination: '/queue/a' }, Buffer.from(id));
    return until(`delivery ${id}`);
  };
  return { broker, link, consumer, reports, deliveries, until, deliver };
}

describe('MessageConsumer', () => {
  it('subscribes when it is started and hands out what is delivered; an ACK carries the id alone', async () => {
    const { broker, link, consumer, reports, deliveries, until, deliver } = await consumerOf();
    expect(link.isStarted).toBe(false);
    consumer.start();
    consumer.start();
    await until('subscribed');
    expect(consumer.isSubscribed).toBe(true);
    expect(broker.received('SUBSCRIBE').map(({ headers }) => headers)).toMatchObject([
      { id: 's1', destination: '/queue/a', ack: 'client-individual' },
    ]);
    await deliver('m1', 's1');
    const [delivery] = deliveries;
    expect(delivery).toMatchObject({ epoch: 1, isCurrent: true, brokerUri: `stomp://127.0.0.1:${broker.port}` });
    expect(delivery?.acknowledge()).toBe(true);
    await broker.until(() => broker.received('ACK').length === 1);
    expect({ ...broker.received('ACK')[0]?.headers }).toEqual({ id: 'ack-m1' });
    expect(reports).toEqual(['subscribed', 'delivery m1']);
  });

  it('subscribes again under a new id on every new session; what was delivered before is settled no more', async () => {
    const { broker, consumer, reports, deliveries, until, deliver } = await consumerOf();
    consumer.start();
    await until('subscribed');
    await deliver('m1', 's1');
    broker.peer.reset();
    await until('interrupted');
    expect(consumer.isSubscribed).toBe(false);
    await until('subscribed', 2);
    const [stale] = deliveries;
    expect(stale?.isCurrent).toBe(false);
    expect(stale?.acknowledge()).toBe(false);
    expect(await stale?.reject()).toBe(false);
    await deliver('m2', 's2');
    expect(deliveries[1]).toMatchObject({ epoch: 2, isCurrent: true });
    expect(deliveries[1]?.acknowledge()).toBe(true);
    await broker.until(() => broker.received('ACK').length === 1);
    expect(broker.received('ACK')[0]?.headers['id']).toBe('ack-m2');
    expect(broker.received('NACK')).toEqual([]);
    expect(reports).toEqual(['subscribed', 'delivery m1', 'interrupted', 'subscribed', 'delivery m2']);
  });

  it('makes its subscription anew on a new session, and counts from nothing what it acknowledged in transactions', async () => {
    const { link, consumer, deliveries, until, deliver } = await consumerOf();
    consumer.start();
    await until('subscribed');
    await deliver('m1', 's1');
    const [delivery] = deliveries;
    const transaction = delivery!.begin();
    await delivery!.acknowledgeIn(transaction);
    await transaction.commit();
    expect(consumer.transactedAcknowledgements).toEqual({ messages: 1, bytes: delivery!.frame.body.length });
    await (await link.session()).session.disconnect();
    await until('subscribed', 2);
    // The transaction had an id too.
    await deliver('m2', 's3');
    expect(deliveries[1]).toMatchObject({ epoch: 2, isCurrent: true });
    expect(consumer.transactedAcknowledgements).toEqual({ messages: 0, bytes: 0 });
  });

  it('writes no ACK on a socket that is dead and has not told so yet', async () => {
    const { broker, link, consumer, deliveries, until, deliver } = await consumerOf();
    consumer.start();
    await until('subscribed');
    await deliver('m1', 's1');
    const { session } = await link.session();
    // What the operating system does to a socket whose peer is gone: a failing write before any event.
    const write = session.write.bind(session);
    session.write = () => {
      session.destroy(new ConnectionClosedError('EPIPE'));
      return write('ACK', { id: '1' });
    };
    expect(deliveries[0]?.acknowledge()).toBe(false);
    expect(broker.received('ACK')).toEqual([]);
  });

  it('ends its session when a NACK is not answered in time: told again, a NACK that was taken would be refused for ever', async () => {
    const { link, consumer, deliveries, until, deliver } = await consumerOf(
      wellBehavedExcept({ NACK: () => undefined }),
      {},
      { receiptTimeout: 50 },
    );
    consumer.start();
    await until('subscribed');
    await deliver('m1', 's1');
    const { session } = await link.session();
    await expect(deliveries[0]?.reject()).rejects.toThrow(ReceiptTimeoutError);
    expect([session.isOpen, deliveries[0]?.isCurrent]).toEqual([false, false]);
    await until('subscribed', 2);
  });

  it('NACKs with a receipt', async () => {
    const { broker, consumer, deliveries, until, deliver } = await consumerOf();
    consumer.start();
    await until('subscribed');
    await deliver('m1', 's1');
    expect(await deliveries[0]?.reject()).toBe(true);
    expect({ ...broker.received('NACK')[0]?.headers }).toMatchObject({ id: 'ack-m1', receipt: /^r/ });
    broker.script = wellBehavedExcept({ NACK: (_, peer) => peer.reset() });
    await deliver('m2', 's1');
    await expect(deliveries[1]?.reject()).rejects.toThrow(ConnectionClosedError);
  });

  it('hands out no message of a subscription it has ended', async () => {
    const { broker, consumer, reports, until, deliver } = await consumerOf();
    consumer.start();
    await until('subscribed');
    const stopped = consumer.stop();
    broker.peer.send('MESSAGE', { subscription: 's1', 'message-id': 'late', ack: 'x' });
    await stopped;
    expect(broker.received('UNSUBSCRIBE')[0]?.headers['id']).toBe('s1');
    consumer.start();
    await until('subscribed', 2);
    await deliver('m1', 's2');
    expect(reports).toEqual(['subscribed', 'interrupted', 'subscribed', 'delivery m1']);
  });

  it('writes no ACK for a message of a subscription it has ended: the broker has taken it back', async () => {
    const { broker, link, consumer, deliveries, until, deliver } = await consumerOf();
    consumer.start();
    await until('subscribed');
    await deliver('m1', 's1');
    await consumer.stop();
    expect([deliveries[0]?.isCurrent, deliveries[0]?.acknowledge(), await deliveries[0]?.reject()]).toEqual([false, false, false]);
    await (await link.session()).session.request('SEND', { destination: '/queue/b' });
    expect([broker.received('ACK'), broker.received('NACK')]).toEqual([[], []]);
  });

  it('tries a refused subscription again after the recovery interval, on the session that is open', async () => {
    let refusals = 2;
    const { broker, consumer, reports, until } = await consumerOf(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => {
          if (refusals-- > 0) peer.send('ERROR', { message: 'not authorized', 'receipt-id': frame.headers['receipt'] });
          else confirm(frame, peer);
        },
      }),
    );
    const start = performance.now();
    consumer.start();
    await until('subscribed');
    expect(performance.now() - start).toBeGreaterThan(35);
    expect(reports).toEqual(['interrupted', `refused: ${BrokerError.name}`, 'interrupted', `refused: ${BrokerError.name}`, 'subscribed']);
    expect([broker.connects, broker.received('SUBSCRIBE').length]).toEqual([1, 3]);
  });

  it('does not end the session over a subscription that cannot be written', async () => {
    const { broker, consumer, until } = await consumerOf(wellBehaved, { selector: 'x'.repeat(20_000) });
    consumer.start();
    await until(`refused: ${IllegalFrameError.name}`, 2);
    expect([broker.connects, broker.peer.isClosed]).toEqual([1, false]);
    await consumer.stop();
  });

  it('ends the session when nobody answers the SUBSCRIBE: it may exist, and hold messages', async () => {
    const { broker, consumer, reports, until } = await consumerOf(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => {
          if (peer.number === 2) confirm(frame, peer);
        },
      }),
      {},
      { receiptTimeout: 30 },
    );
    consumer.start();
    await until('subscribed');
    expect(reports).toEqual(['interrupted', `refused: ${ReceiptTimeoutError.name}`, 'subscribed']);
    expect([broker.connects, broker.peers[0]?.isClosed]).toEqual([2, true]);
  });
});

describe('stopping a consumer', () => {
  it('that is subscribing ends the subscription, and nothing comes of it', async () => {
    const { broker, consumer, reports } = await consumerOf(wellBehavedExcept({ SUBSCRIBE: () => undefined }));
    consumer.start();
    await broker.until(() => broker.received('SUBSCRIBE').length === 1);
    const stopped = consumer.stop();
    const [subscribe] = broker.received('SUBSCRIBE');
    if (subscribe) confirm(subscribe, broker.peer);
    await stopped;
    expect(broker.received('UNSUBSCRIBE')[0]?.headers['id']).toBe('s1');
    expect([reports, consumer.isSubscribed]).toEqual([['interrupted'], false]);
  });

  it('that waits to try again leaves no timer', async () => {
    const { consumer, until } = await consumerOf(
      wellBehavedExcept({ SUBSCRIBE: (frame, peer) => peer.send('ERROR', { message: 'no', 'receipt-id': frame.headers['receipt'] }) }),
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      consumer.start();
      await until('refused');
      expect(vi.getTimerCount()).toBe(1);
      await consumer.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('while its session dies is done: the broker takes everything back', async () => {
    const { consumer, until, reports } = await consumerOf(wellBehavedExcept({ UNSUBSCRIBE: (_, peer) => peer.reset() }));
    consumer.start();
    await until('subscribed');
    await consumer.stop();
    expect(reports).toEqual(['subscribed', 'interrupted']);
  });

  it('ends the session when nobody answers the UNSUBSCRIBE: it may go on and hold messages', async () => {
    const { broker, link, consumer, until } = await consumerOf(
      wellBehavedExcept({ UNSUBSCRIBE: () => undefined }),
      {},
      { receiptTimeout: 30 },
    );
    consumer.start();
    await until('subscribed');
    const { session } = await link.session();
    expect(await rejection(consumer.stop())).toBeInstanceOf(ReceiptTimeoutError);
    expect(session.isOpen).toBe(false);
    await broker.until(() => broker.peers[0]?.isClosed === true);
  });

  it('that has no session is nothing', async () => {
    const { broker, consumer, reports } = await consumerOf(() => undefined);
    await consumer.stop();
    consumer.start();
    await broker.until(() => broker.received('CONNECT').length === 1);
    await consumer.stop();
    broker.script = wellBehaved;
    connected(broker.peer);
    await broker.until(() => broker.peers.length === 1);
    expect([reports, broker.received('SUBSCRIBE')]).toEqual([[], []]);
  });
});
