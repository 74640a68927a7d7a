import { describe, expect, it, vi } from 'vitest';

import { ConnectError, ConnectionClosedError, SendError } from '../errors/index.js';
import { confirm, connected, type FakeBroker, type PeerScript, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { ActiveMqConnection } from './activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl, RecordingLogger } from './connection.fixture.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { ConnectionEvents } from './connection-state.js';

cleanUpConnections();
cleanUpSessions();

const EVENTS = ['connected', 'interrupted', 'resumed', 'failed', 'error', 'closed'] as const;

/** A connection, and what it tells: its states and its events, in their order. */
function connectionTo(brokers: readonly FakeBroker[], options = '', settings: Partial<ConnectionSettings> = {}) {
  const logger = new RecordingLogger();
  const connection = closeAfterTest(new ActiveMqConnection(connectionSettings(failoverUrl(brokers, options), { logger, ...settings })));
  const story: string[] = [];
  const seen: { name: string; event: ConnectionEvents[keyof ConnectionEvents] }[] = [];
  const looking = new Set<() => void>();
  const tell = (line: string) => {
    story.push(line);
    for (const look of looking) look();
  };
  connection.state$.subscribe((state) => tell(state));
  for (const name of EVENTS) {
    connection.on(name, (event) => {
      seen.push({ name, event });
      tell(`(${name})`);
    });
  }
  const until = (line: string, count = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (story.filter((told) => told === line).length >= count) resolve();
      };
      looking.add(look);
      look();
    });
  const subscribed: string[] = [];
  const consumer = connection.createConsumer(
    { headers: { destination: '/queue/a', ack: 'client-individual' } },
    {
      onDelivery: () => undefined,
      onSubscribed: (uri) => {
        subscribed.push(uri);
        tell('subscribed');
      },
      onRefused: (error) => tell(`refused: ${error.message}`),
      onInterrupted: () => undefined,
    },
  );
  const send = (key: string) => connection.send({ destination: '/queue/a', idempotencyKey: key }, Buffer.from('x'), 0);
  return { connection, consumer, logger, story, seen, until, subscribed, send };
}

/** The connection that carries the subscriptions. */
const consuming = (broker: FakeBroker) =>
  broker.peers.find((peer) => !peer.isClosed && peer.received.some(({ command }) => command === 'SUBSCRIBE'));
const producing = (broker: FakeBroker) =>
  broker.peers.find((peer) => !peer.isClosed && !peer.received.some(({ command }) => command === 'SUBSCRIBE'));

describe('the story of a connection', () => {
  it('begins idle, and connects when it is started', async () => {
    const broker = await startFakeBroker();
    const { connection, story, until, send } = connectionTo([broker]);
    expect([connection.state, connection.brokerUri, broker.connects]).toEqual(['idle', undefined, 0]);
    connection.start();
    await until('(connected)');
    expect(story).toEqual(['idle', 'connecting', 'connected', '(connected)']);
    expect(connection).toMatchObject({ name: 'default', brokerUri: `stomp://127.0.0.1:${broker.port}`, server: 'ActiveMQ/5.17.2' });
    expect(await send('a')).toEqual({ brokerUri: `stomp://127.0.0.1:${broker.port}` });
  });

  it('tells of an interruption and its end once, though both sockets are lost', async () => {
    const [first, second] = [await startFakeBroker(), await startFakeBroker()];
    const { connection, consumer, seen, story, until, subscribed } = connectionTo([first, second]);
    connection.start();
    consumer.start();
    await until('subscribed');
    story.length = 0;
    for (const peer of first.peers) peer.reset();
    await until('(resumed)');
    expect(story.filter((line) => line !== 'subscribed')).toEqual(['interrupted', '(interrupted)', 'connected', '(resumed)']);
    await until('subscribed');
    expect(subscribed).toEqual([first, second].map(({ port }) => `stomp://127.0.0.1:${port}`));
    const [interrupted, resumed] = ['interrupted', 'resumed'].map((name) => seen.find((one) => one.name === name)?.event);
    expect(interrupted).toMatchObject({ brokerUri: `stomp://127.0.0.1:${first.port}`, reason: { name: ConnectionClosedError.name } });
    expect(resumed).toMatchObject({ brokerUri: `stomp://127.0.0.1:${second.port}` });
    expect((resumed as ConnectionEvents['resumed']).interruptedFor).toBeGreaterThan(0);
  });

  it.each([
    ['consuming', consuming],
    ['producing', producing],
  ])('is interrupted also when only the %s socket is lost; the other one stays', async (_, victim) => {
    const broker = await startFakeBroker();
    const { connection, consumer, story, until } = connectionTo([broker]);
    connection.start();
    consumer.start();
    await until('subscribed');
    await connection.whenConnected();
    const bystander = broker.peers.find((peer) => peer !== victim(broker));
    story.length = 0;
    victim(broker)?.reset();
    await until('(resumed)');
    expect(story.filter((line) => line !== 'subscribed')).toEqual(['interrupted', '(interrupted)', 'connected', '(resumed)']);
    expect([broker.connects, bystander?.isClosed]).toEqual([3, false]);
  });

  it('is connected only when every socket it needs is open, and says so once', async () => {
    const broker = await startFakeBroker((frame, peer) => {
      if (frame.command === 'CONNECT' && frame.headers['client-id']) peer.send('ERROR', { message: 'client-id in use' });
      else wellBehaved(frame, peer);
    });
    const { connection, consumer, story, until } = connectionTo([broker], '', { clientId: 'orders' });
    connection.start();
    await until('(connected)');
    consumer.start();
    expect(connection.state).toBe('connecting');
    broker.script = wellBehaved;
    await until('subscribed');
    expect(story).toEqual(['idle', 'connecting', 'connected', '(connected)', 'connecting', 'connected', 'subscribed']);
    expect(broker.received('CONNECT').filter(({ headers }) => headers['client-id'] === 'orders').length).toBeGreaterThan(0);
  });

  it('is no interruption while it looks for its first broker', async () => {
    const broker = await startFakeBroker((_, peer) => peer.drop());
    const { connection, story, until } = connectionTo([broker]);
    connection.start();
    await broker.until(() => broker.connects >= 3);
    broker.script = wellBehaved;
    await until('(connected)');
    expect(story).toEqual(['idle', 'connecting', 'connected', '(connected)']);
  });

  it('fails once when the attempts are used up, on both sockets, and begins again when it is started', async () => {
    const broker = await startFakeBroker((_, peer) => peer.drop());
    const { connection, consumer, logger, story, until, send } = connectionTo([broker], 'startupMaxReconnectAttempts=2');
    connection.start();
    consumer.start();
    const error = await rejection(connection.whenConnected());
    expect(error).toBeInstanceOf(ConnectError);
    expect(await rejection(send('a'))).toMatchObject({ name: SendError.name, outcome: 'not-sent' });
    await logger.until('Connect fail', 4);
    expect(story).toEqual(['idle', 'connecting', 'failed', '(failed)']);
    broker.script = wellBehaved;
    connection.start();
    await until('subscribed');
    expect(story.slice(4).filter((line) => line !== 'subscribed')).toEqual(['connecting', 'connected', '(connected)']);
  });
});

describe('priorityBackup', () => {
  it('moves both sockets and the subscriptions to the priority broker when it comes back', async () => {
    const [priority, backup] = [await startFakeBroker((_, peer) => peer.drop()), await startFakeBroker()];
    const { connection, consumer, subscribed, until, send } = connectionTo([priority, backup], 'priorityBackup=true&maxReconnectDelay=50');
    connection.start();
    consumer.start();
    await until('subscribed');
    await send('a');
    expect(connection.brokerUri).toBe(`stomp://127.0.0.1:${backup.port}`);
    priority.script = wellBehaved;
    await until('subscribed', 2);
    await backup.untilAllClosed();
    await send('b');
    expect(subscribed).toEqual([backup, priority].map(({ port }) => `stomp://127.0.0.1:${port}`));
    expect([backup, priority].map((broker) => broker.received('SEND').map(({ headers }) => headers['idempotencyKey']))).toEqual([
      ['a'],
      ['b'],
    ]);
    expect(connection).toMatchObject({ state: 'connected', resentMessages: 0 });
  });
});

describe('an event of a connection', () => {
  it('harms nothing when its listener throws or fails later', async () => {
    const broker = await startFakeBroker();
    const { connection, logger, until } = connectionTo([broker]);
    connection.on('connected', () => {
      throw new Error('first\nERROR forged');
    });
    const later: () => unknown = () => Promise.reject(new Error('second'));
    connection.on('connected', later);
    connection.start();
    await until('(connected)');
    await logger.until("A listener of the connection's 'connected' event failed: Error: second");
    expect(logger.lines).toContain("error A listener of the connection's 'connected' event failed: Error: first ERROR forged");
    expect(connection.state).toBe('connected');
  });

  it('named error tells of ERROR frames that belong to no command, and needs no listener', async () => {
    const broker = await startFakeBroker();
    const { connection, seen, until, send } = connectionTo([broker]);
    const silent = closeAfterTest(new ActiveMqConnection(connectionSettings(failoverUrl([broker]))));
    connection.start();
    silent.start();
    await Promise.all([until('(connected)'), silent.whenConnected()]);
    for (const peer of broker.peers) peer.send('ERROR', { message: 'quota' });
    await until('(error)');
    expect(seen.at(-1)?.event).toMatchObject({ error: { brokerMessage: 'quota' } });
    await send('a');
    expect([connection.state, silent.state]).toEqual(['connected', 'connected']);
  });
});

describe('closing a connection', () => {
  it('sends what is pending first, then DISCONNECTs both sockets; what comes later is refused', async () => {
    const held: PeerScript = wellBehavedExcept({ SEND: () => undefined });
    const broker = await startFakeBroker(held);
    const { connection, consumer, story, until, send } = connectionTo([broker], '', { sendWindow: { messages: 1, bytes: 1_000 } });
    connection.start();
    consumer.start();
    await until('subscribed');
    const sent = [send('a'), send('b')];
    await broker.until(() => broker.received('SEND').length === 1);
    const closing = connection.close(5_000);
    expect(connection.close(1)).toBe(closing);
    broker.script = wellBehaved;
    const [first] = broker.received('SEND');
    const sender = producing(broker);
    if (first && sender) confirm(first, sender);
    await Promise.all(sent);
    await closing;
    expect(broker.received('DISCONNECT')).toHaveLength(2);
    await broker.untilAllClosed();
    expect(story.slice(-2)).toEqual(['closed', '(closed)']);
    expect(await rejection(send('c'))).toMatchObject({ name: SendError.name, outcome: 'not-sent' });
    connection.start();
    expect([connection.state, connection.brokerUri, consumer.isSubscribed]).toEqual(['closed', undefined, false]);
    expect(broker.connects).toBe(2);
  });

  it('takes no longer than it may, whatever the broker does, and says what is unknown', async () => {
    const broker = await startFakeBroker((frame, peer) => {
      if (frame.command === 'CONNECT') connected(peer);
    });
    const { connection, send } = connectionTo([broker]);
    connection.start();
    const sent = rejection(send('a'));
    await broker.until(() => broker.received('SEND').length === 1);
    const start = performance.now();
    await connection.close(500);
    // Waiting for the message and waiting for the broker's good-bye share the time.
    expect(performance.now() - start).toBeLessThan(900);
    expect(await sent).toMatchObject({ outcome: 'unknown' });
    await broker.untilAllClosed();
  });

  it('does not wait for messages while there is no broker to send them to', async () => {
    const broker = await startFakeBroker(() => undefined);
    const { connection, send } = connectionTo([broker]);
    connection.start();
    const sent = rejection(send('a'));
    await broker.until(() => broker.received('CONNECT').length === 1);
    await connection.close(60_000);
    expect(await sent).toMatchObject({ outcome: 'not-sent' });
  });

  it('that was never started is nothing', async () => {
    const { connection, story } = connectionTo([await startFakeBroker()]);
    await connection.close(1_000);
    expect(story).toEqual(['idle', 'closed', '(closed)']);
  });

  it('ends a subscription that waits to be tried again', async () => {
    const broker = await startFakeBroker(
      wellBehavedExcept({ SUBSCRIBE: (frame, peer) => peer.send('ERROR', { message: 'no', 'receipt-id': frame.headers['receipt'] }) }),
    );
    const { connection, consumer, until } = connectionTo([broker]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      connection.start();
      consumer.start();
      await until('refused: The broker refused: no');
      expect(vi.getTimerCount()).toBe(1);
      await connection.close(1_000);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
