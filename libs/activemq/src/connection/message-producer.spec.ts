import { describe, expect, it } from 'vitest';

import { BrokerError, ConnectError, ConnectionClosedError, IllegalFrameError, ReceiptTimeoutError, SendError } from '../errors/index.js';
import { confirm, connected, type FakeBroker, type PeerScript, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo } from './connection.fixture.js';
import { MessageProducer, type MessageProducerSettings } from './message-producer.js';

cleanUpConnections();
cleanUpSessions();

/** A broker that keeps SENDs unconfirmed until it is told. */
const keeping: PeerScript = wellBehavedExcept({ SEND: () => undefined });

async function producerTo(script: PeerScript, settings: Partial<MessageProducerSettings> = {}, options = '') {
  const broker = await startFakeBroker(script);
  const { link } = linkTo(failoverUrl([broker], options));
  const producer = new MessageProducer(link, { windowMessages: 256, windowBytes: 1_000_000, connectionTimeout: 0, ...settings });
  const send = (key: string, timeout = 0, body = 'x') =>
    producer.send({ destination: '/queue/a', persistent: 'true', idempotencyKey: key }, Buffer.from(body), timeout);
  return { broker, link, producer, send };
}

function keys(broker: FakeBroker): (string | undefined)[] {
  return broker.received('SEND').map((frame) => frame.headers['idempotencyKey']);
}

function confirmAll(broker: FakeBroker): void {
  for (const frame of broker.peer.received) if (frame.command === 'SEND') confirm(frame, broker.peer);
}

describe('the window of a producer', () => {
  it('holds as many unconfirmed messages as it may, and sends the others in their order', async () => {
    const { broker, producer, send } = await producerTo(keeping, { windowMessages: 3 });
    const sent = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => send(key));
    await broker.until(() => keys(broker).length === 3);
    expect([producer.pending, keys(broker)]).toEqual([6, ['a', 'b', 'c']]);
    confirmAll(broker);
    await broker.until(() => keys(broker).length === 6);
    expect(keys(broker)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(producer.pending).toBe(3);
    broker.script = wellBehaved;
    confirmAll(broker);
    await Promise.all(sent);
    expect([producer.pending, producer.resent]).toEqual([0, 0]);
  });

  it('holds as many bytes as it may', async () => {
    const { broker, send } = await producerTo(keeping, { windowBytes: 10 });
    const sent = [send('six', 0, '123456'), send('five', 0, '12345'), send('one', 0, '1')];
    await broker.until(() => keys(broker).length === 1);
    broker.script = wellBehaved;
    confirmAll(broker);
    await Promise.all(sent);
    expect(keys(broker)).toEqual(['six', 'five', 'one']);
  });

  it('keeps the order of sends of one tick, before and after there is a broker', async () => {
    const { broker, send, link } = await producerTo(wellBehaved);
    const first = Array.from({ length: 50 }, (_, number) => send(`${number}`));
    await link.session();
    const second = Array.from({ length: 50 }, (_, number) => send(`${50 + number}`));
    await Promise.all([...first, ...second]);
    expect(keys(broker)).toEqual(Array.from({ length: 100 }, (_, number) => `${number}`));
  });
});

describe('a send whose connection dies', () => {
  it('is sent again, unchanged but for the receipt, and resolves with the broker that confirmed it', async () => {
    const [first, second] = [await startFakeBroker(wellBehavedExcept({ SEND: (_, peer) => peer.reset() })), await startFakeBroker()];
    const { link } = linkTo(failoverUrl([first, second]));
    const producer = new MessageProducer(link, { windowMessages: 10, windowBytes: 1_000, connectionTimeout: 0 });
    const headers = { destination: '/queue/a', idempotencyKey: 'k-1', persistent: 'true', trace: 'a:b\nc' };
    const confirmedBy = await producer.send(headers, Buffer.from('body'), 0);
    expect([confirmedBy.uri.port, confirmedBy.epoch, producer.resent]).toEqual([second.port, 2, 1]);
    const [before, after] = [first.received('SEND')[0], second.received('SEND')[0]];
    expect({ ...after?.headers, receipt: '' }).toEqual({ ...before?.headers, receipt: '' });
    expect(after?.headers).toMatchObject(headers);
    expect(after?.body.toString()).toBe('body');
  });

  it('is not sent again when its receipt came first', async () => {
    const { broker, link, producer, send } = await producerTo(
      wellBehavedExcept({
        SEND: (frame, peer) => {
          confirm(frame, peer);
          peer.socket.end();
        },
      }),
    );
    const { session } = await send('a');
    await session.closed;
    await link.session();
    broker.script = wellBehaved;
    await send('b');
    expect([keys(broker), producer.resent, broker.connects]).toEqual([['a', 'b'], 0, 2]);
  });

  it('after the n-th of many: all are confirmed, and only those without a receipt are sent again', async () => {
    let seen = 0;
    const dying = wellBehavedExcept({
      SEND: (frame, peer) => {
        if (++seen <= 5) confirm(frame, peer);
        else if (seen === 8) peer.socket.end();
      },
    });
    const { broker, producer, send } = await producerTo(dying);
    const sent = Array.from({ length: 8 }, (_, number) => send(`${number}`));
    await Promise.all(sent.slice(0, 5));
    broker.script = wellBehaved;
    await Promise.all(sent);
    expect(keys(broker)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '5', '6', '7']);
    expect(producer.resent).toBe(3);
  });
});

describe('a send that fails', () => {
  const outcomes: Record<string, { outcome: string; says: string; cause: unknown; run: () => Promise<Error> }> = {};
  const failing = (name: string, outcome: string, says: string, cause: unknown, run: () => Promise<Error>) =>
    (outcomes[name] = { outcome, says, cause, run });

  failing('because no broker answers in time', 'not-sent', 'no broker confirmed it within 30 ms', ReceiptTimeoutError, async () => {
    const { send } = await producerTo(() => undefined);
    return rejection(send('a', 30));
  });
  failing(
    'because there is no place in the window in time',
    'not-sent',
    'no broker confirmed it within 30 ms',
    ReceiptTimeoutError,
    async () => {
      const { broker, send } = await producerTo(keeping, { windowMessages: 1 });
      void rejection(send('first'));
      await broker.until(() => keys(broker).length === 1);
      return rejection(send('second', 30));
    },
  );
  failing('because its receipt does not come in time', 'unknown', 'no broker confirmed it within 30 ms', ReceiptTimeoutError, async () => {
    const { link, send } = await producerTo(keeping);
    await link.session();
    return rejection(send('a', 30));
  });
  failing('because the broker refuses it', 'not-sent', 'The broker refused: not authorized', BrokerError, async () => {
    const { send } = await producerTo(refusing);
    return rejection(send('a'));
  });
  failing('because the broker refuses it after an earlier attempt was lost', 'unknown', 'not authorized', BrokerError, async () => {
    const { send } = await producerTo((frame, peer) => {
      if (frame.command === 'SEND' && peer.number === 1) peer.reset();
      else refusing(frame, peer);
    });
    return rejection(send('a'));
  });
  failing('because the link gave up before it was sent', 'not-sent', 'Failed to connect', ConnectError, async () => {
    const { send } = await producerTo((_, peer) => peer.drop(), {}, 'maxReconnectAttempts=1');
    return rejection(send('a'));
  });
  failing('because the link gave up after it was sent', 'unknown', 'Failed to connect', ConnectError, async () => {
    const { send } = await producerTo(
      (frame, peer) => {
        if (peer.number > 1 || frame.command === 'SEND') peer.drop();
        else connected(peer);
      },
      {},
      'maxReconnectAttempts=1',
    );
    return rejection(send('a'));
  });
  failing('because it was closed before there was a broker', 'not-sent', 'The connection is closed', ConnectionClosedError, async () => {
    const { broker, link, send } = await producerTo(() => undefined);
    const sent = rejection(send('a'));
    await broker.until(() => broker.received('CONNECT').length === 1);
    await link.close(100);
    return sent;
  });
  failing('because it was closed before the receipt came', 'unknown', 'The connection is closed', ConnectionClosedError, async () => {
    const { broker, link, send } = await producerTo(keeping);
    const sent = rejection(send('a'));
    await broker.until(() => keys(broker).length === 1);
    await link.close(100);
    return sent;
  });
  failing(
    'because no broker was there for the timeout of the failover URL',
    'not-sent',
    'within 30 ms, the timeout of the failover URL',
    ConnectError,
    async () => {
      const { send } = await producerTo(() => undefined, { connectionTimeout: 30 });
      return rejection(send('a', 10_000));
    },
  );

  it.each(Object.entries(outcomes))('%s says so', async (_, { outcome, says, cause, run }) => {
    const error = await run();
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ outcome });
    expect(error.message).toMatch(/^The message to \/queue\/a is not confirmed, it (was not sent|may be stored, now or later): /);
    expect(error.message).toContain(says);
    expect(error.cause).toBeInstanceOf(cause as typeof Error);
  });

  it('because ActiveMQ could not take it is refused before it is sent', async () => {
    const { broker, link, producer } = await producerTo(wellBehaved);
    await link.session();
    const error = await rejection(producer.send({ destination: '/queue/a', big: 'x'.repeat(20_000) }, Buffer.alloc(0), 0));
    expect(error).toBeInstanceOf(IllegalFrameError);
    await producer.send({ destination: '/queue/a' }, Buffer.alloc(0), 0);
    expect(broker.received('SEND')).toHaveLength(1);
  });

  it('is not called written when it is refused before it is, and is when it is written on the next connection', async () => {
    const { broker, producer } = await producerTo(wellBehaved);
    const written: string[] = [];
    const manner = { onWritten: (brokerUri: string) => written.push(brokerUri) };
    const headers = { destination: '/queue/a', tooLong: 'x'.repeat(20_000) };
    expect(await rejection(producer.send(headers, Buffer.from('x'), 1_000, manner))).toBeInstanceOf(IllegalFrameError);
    expect([written, broker.received('SEND')]).toEqual([[], []]);
    await producer.send({ destination: '/queue/a' }, Buffer.from('x'), 1_000, manner);
    expect(written).toEqual([`stomp://127.0.0.1:${broker.port}`]);
  });

  it('leaves its place in the window to others', async () => {
    const { producer, send } = await producerTo(refusing, { windowMessages: 1 });
    const errors = await Promise.all([send('a'), send('b'), send('c')].map(rejection));
    expect(errors.map((error) => error.name)).toEqual(['SendError', 'SendError', 'SendError']);
    expect(producer.pending).toBe(0);
  });
});

describe('the timeout of the failover URL', () => {
  it('runs for all who wait, not for one after the other', async () => {
    const { send } = await producerTo(() => undefined, { connectionTimeout: 100 });
    const start = performance.now();
    const errors = await Promise.all(Array.from({ length: 20 }, (_, number) => rejection(send(`${number}`))));
    expect(performance.now() - start).toBeLessThan(1_000);
    for (const error of errors) expect(error).toMatchObject({ outcome: 'not-sent' });
  });

  it('does not hurry a broker that is connected', async () => {
    const { broker, send } = await producerTo(keeping, { connectionTimeout: 20 });
    const sent = send('a', 10_000);
    await broker.until(() => keys(broker).length === 1);
    await rejection(send('b', 40));
    confirmAll(broker);
    await sent;
    expect(keys(broker)).toEqual(['a', 'b']);
  });
});

describe('flush', () => {
  it('waits for what was sent before, confirmed or failed, and not for what is sent later', async () => {
    const { broker, producer, send } = await producerTo(keeping);
    const [first, second] = [send('a'), rejection(send('b', 60))];
    await broker.until(() => keys(broker).length === 2);
    const flushed = producer.flush();
    const later = send('c');
    await broker.until(() => keys(broker).length === 3);
    const [a] = broker.received('SEND');
    if (a) confirm(a, broker.peer);
    await flushed;
    await Promise.all([first, second]);
    expect(producer.pending).toBe(1);
    confirmAll(broker);
    await later;
    await producer.flush();
  });
});

const refusing: PeerScript = wellBehavedExcept({
  SEND: (frame, peer) => peer.send('ERROR', { message: 'not authorized', 'receipt-id': frame.headers['receipt'] }),
});
