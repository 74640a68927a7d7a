import { describe, expect, it } from 'vitest';

import { confirm, type FakeBroker, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { ActiveMqConnection } from './activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl } from './connection.fixture.js';
import type { MessageConsumerObserver } from './message-consumer.js';

cleanUpConnections();
cleanUpSessions();

/** Delivers a message to each subscription. */
const delivering = wellBehavedExcept({
  SUBSCRIBE: (frame, peer) => {
    confirm(frame, peer);
    peer.send('MESSAGE', { subscription: frame.headers['id'], 'message-id': '1', ack: '1', destination: '/queue/a' });
  },
});

const connectionTo = (broker: FakeBroker) => closeAfterTest(new ActiveMqConnection(connectionSettings(failoverUrl([broker]))));

/** Begins to consume; resolves at the next delivery, with what `look` sees there. */
function consume<T>(connection: ActiveMqConnection, look: () => T): { next(): Promise<T> } {
  let seen: (value: T) => void = () => undefined;
  const observer: MessageConsumerObserver = {
    onDelivery: () => seen(look()),
    onSubscribed: () => undefined,
    onRefused: () => undefined,
    onInterrupted: () => undefined,
  };
  connection.createConsumer({ headers: { destination: '/queue/a' } }, observer).start();
  return { next: () => new Promise((resolve) => (seen = resolve)) };
}

describe('what is delivered', () => {
  it('is in no transaction, though it was in one that its socket was opened, also after a reconnect', async () => {
    const broker = await startFakeBroker(delivering);
    const connection = connectionTo(broker);
    const transaction = await connection.createTransaction();
    const deliveries = connection.runInTransaction(transaction, () => consume(connection, () => connection.currentTransaction));
    expect(await deliveries.next()).toBeUndefined();
    const again = deliveries.next();
    broker.peer.reset();
    expect(await again).toBeUndefined();
  });

  it('is in no transaction of another connection either', async () => {
    const broker = await startFakeBroker(delivering);
    const [connection, other] = [connectionTo(broker), connectionTo(broker)];
    const transaction = await connection.createTransaction();
    const deliveries = connection.runInTransaction(transaction, () => consume(other, () => connection.currentTransaction));
    expect(await deliveries.next()).toBeUndefined();
  });
});
