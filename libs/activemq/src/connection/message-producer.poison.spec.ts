import { describe, expect, it } from 'vitest';

import { BrokerError, SendError } from '../errors/index.js';
import { confirm, type FakeBroker, type FakePeer, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo } from './connection.fixture.js';
import { MessageProducer } from './message-producer.js';

cleanUpConnections();
cleanUpSessions();

const poisoned = (peer: FakePeer) => peer.received.some((frame) => frame.headers['poison'] !== undefined);

/**
 * A broker that a poison message kills, with the receipts of all that came with it: ActiveMQ does so without a word for
 * `destination:/queue/`, `priority:abc`, and with an ERROR for a frame that is too large.
 */
async function killedByPoison(says?: string) {
  const broker = await startFakeBroker(
    wellBehavedExcept({
      SEND: (frame, peer) => {
        if (poisoned(peer)) {
          if (says) peer.send('ERROR', { message: says });
          peer.socket.end();
          return;
        }
        setImmediate(() => {
          if (!poisoned(peer)) confirm(frame, peer);
        });
      },
    }),
  );
  const { link } = linkTo(failoverUrl([broker], 'initialReconnectDelay=1&maxReconnectDelay=2'));
  const producer = new MessageProducer(link, { windowMessages: 100, windowBytes: 100_000, connectionTimeout: 0 });
  const send = (key: string, headers: Record<string, string> = {}, timeout = 0) =>
    producer.send({ destination: '/queue/a', idempotencyKey: key, ...headers }, Buffer.from('x'), timeout);
  return { broker, link, producer, send };
}

describe('a message that kills the connection each time', () => {
  it.each([
    ['without a word', undefined, 5, 'was closed by the broker', undefined],
    ['with an ERROR frame', 'The maximum frame size was exceeded', 3, 'The maximum frame size was exceeded', BrokerError],
  ])('%s is found out: it alone fails, those around it get through', async (_, says, deaths, quoted, cause) => {
    const { broker, producer, send } = await killedByPoison(says);
    const before = Array.from({ length: 10 }, (__, number) => send(`before ${number}`));
    const poison = rejection(send('poison', { poison: 'yes' }));
    const after = Array.from({ length: 10 }, (__, number) => send(`after ${number}`));
    const error = await poison;
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ outcome: 'unknown' });
    expect(error.message).toContain(quoted);
    expect((error.cause as Error).cause?.constructor).toBe(cause);
    await Promise.all([...before, ...after]);
    expect(broker.peers.filter(poisoned)).toHaveLength(deaths);
    expect(producer.pending).toBe(0);
    await send('later');
  });

  it('and another one are both found out', async () => {
    const { send } = await killedByPoison();
    const sent = ['a', 'poison 1', 'b', 'poison 2', 'c'].map((key) => send(key, key.startsWith('poison') ? { poison: 'yes' } : {}));
    const results = await Promise.allSettled(sent);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('does not make an innocent send wait longer than it may', async () => {
    const { broker, send } = await killedByPoison();
    void rejection(send('poison', { poison: 'yes' }));
    await broker.until(() => broker.peers.filter(poisoned).length === 2);
    // From now on the poison goes alone, and nobody answers it.
    broker.script = wellBehavedExcept({ SEND: () => undefined });
    await broker.until(() => aloneAndUnanswered(broker));
    const error = await rejection(send('innocent', {}, 50));
    expect(error).toMatchObject({ outcome: 'not-sent' });
    expect(error.message).toContain('no broker confirmed it within 50 ms');
  });
});

function aloneAndUnanswered(broker: FakeBroker): boolean {
  return broker.peers.length >= 3 && poisoned(broker.peer) && !broker.peer.isClosed;
}
