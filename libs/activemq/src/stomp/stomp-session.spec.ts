import type { Socket } from 'node:net';

import { describe, expect, it, vi } from 'vitest';

import { BrokerError, ConnectionClosedError, IllegalFrameError, ReceiptTimeoutError } from '../errors/index.js';
import { confirm, wellBehavedExcept } from './fake-broker.fixture.js';
import type { StompFrame } from './frame.js';
import { openStompSession } from './open-stomp-session.js';
import { cleanUpSessions, openSession, rejection, sessionOptions, startFakeBroker } from './stomp-session.fixture.js';
import { openTransport } from './transport.js';

cleanUpSessions();

/** Refuses what is sent to /queue/forbidden, with a `receipt-id` when there was a `receipt`. */
const guarded = wellBehavedExcept({
  SEND: (frame, peer) => {
    if (frame.headers['destination'] !== '/queue/forbidden') confirm(frame, peer);
    else peer.send('ERROR', { message: 'not authorized', 'receipt-id': frame.headers['receipt'] }, Buffer.from('stack'));
  },
});

describe('a command with a receipt', () => {
  it('resolves when the broker confirms it', async () => {
    const { broker, session } = await openSession();
    await session.request('SEND', { destination: '/queue/a' }, Buffer.from('x'));
    expect(broker.received('SEND')[0]?.headers).toMatchObject({ destination: '/queue/a', 'content-length': '1' });
    expect(session.pendingReceipts).toBe(0);
  });

  it('that is refused fails alone: others, subscriptions and the session live on', async () => {
    const { broker, session } = await openSession(guarded);
    const messages: StompFrame[] = [];
    await session.subscribe('s1', { destination: '/queue/a' }, (frame) => messages.push(frame));
    const outcomes = await Promise.allSettled(
      ['/queue/a', '/queue/forbidden', '/queue/b'].map((destination) => session.request('SEND', { destination })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { name: 'BrokerError', brokerMessage: 'not authorized', retryable: false } });
    broker.peer.send('MESSAGE', { subscription: 's1', 'message-id': '1' });
    broker.peer.send('RECEIPT', { 'receipt-id': 'nobody asked' });
    await session.request('SEND', { destination: '/queue/a' });
    expect(messages).toHaveLength(1);
    expect(session.isOpen).toBe(true);
  });

  it('that is not answered in time is rejected, and its late receipt is nobody else’s', async () => {
    const { broker, session } = await openSession(wellBehavedExcept({ SEND: () => undefined }));
    const error = await rejection(session.request('SEND', { destination: '/queue/a' }, undefined, 20));
    expect(error).toBeInstanceOf(ReceiptTimeoutError);
    expect(error.message).toContain('SEND /queue/a within 20 ms');
    const later = session.request('SEND', { destination: '/queue/b' });
    const [first, second] = await receipts(broker, 2);
    broker.peer.send('RECEIPT', { 'receipt-id': first });
    broker.peer.send('RECEIPT', { 'receipt-id': first });
    expect(session.pendingReceipts).toBe(1);
    broker.peer.send('RECEIPT', { 'receipt-id': second });
    await later;
    expect(session.isOpen).toBe(true);
  });

  it('that ActiveMQ could not take is refused here, and nothing of it is sent', async () => {
    const { broker, session } = await openSession();
    const error = await rejection(session.request('SEND', { destination: '/queue/a', big: 'x'.repeat(20_000) }));
    expect(error).toBeInstanceOf(IllegalFrameError);
    await session.request('SEND', { destination: '/queue/b' });
    expect(broker.received('SEND')).toHaveLength(1);
    expect(session.pendingReceipts).toBe(0);
  });

  it('is rejected at once when the connection dies, with all the others', async () => {
    const { broker, session } = await openSession(wellBehavedExcept({ SEND: () => undefined }));
    const sent = ['a', 'b', 'c'].map((name) => rejection(session.request('SEND', { destination: name })));
    await receipts(broker, 3);
    broker.peer.reset();
    const errors = await Promise.all(sent);
    for (const error of errors) expect(error).toBeInstanceOf(ConnectionClosedError);
    expect(new Set(errors)).toEqual(new Set([await session.closed]));
    expect(session).toMatchObject({ isOpen: false, pendingReceipts: 0 });
  });

  it.each(['write', 'request'] as const)('finds no dead socket: %s ends the session before the socket has told so', async (method) => {
    const broker = await startFakeBroker();
    const opened: Socket[] = [];
    const options = sessionOptions(broker);
    const session = await openStompSession({
      ...options,
      openTransport: async (signal) => {
        const socket = await openTransport({ host: '127.0.0.1', port: broker.port, secure: false }, signal);
        opened.push(socket as Socket);
        return socket;
      },
    });
    opened[0]?.destroy();
    const sent = rejection((async () => session[method]('SEND', { destination: '/queue/a' }))());
    expect(session.isOpen).toBe(false);
    expect(await sent).toBeInstanceOf(ConnectionClosedError);
  });

  it.each([
    ['write', 'ACK'],
    ['request', 'SEND'],
  ] as const)('%s on a session that has ended fails with the reason of its end', async (method, command) => {
    const { session } = await openSession();
    const reason = new ConnectionClosedError('enough');
    session.destroy(reason);
    expect(await rejection((async () => session[method](command, { id: '1' }))())).toBe(reason);
  });
});

describe('an ERROR frame', () => {
  it('without receipt-id is told to whoever listens, and the session lives on', async () => {
    const { broker, session } = await openSession(guarded);
    const told = new Promise<BrokerError>((resolve) => (session.onUncorrelatedError = resolve));
    session.write('SEND', { destination: '/queue/forbidden' });
    expect((await told).brokerMessage).toBe('not authorized');
    broker.peer.send('ERROR', { message: 'unknown receipt', 'receipt-id': 'r999' });
    await session.request('SEND', { destination: '/queue/a' });
    expect(session.isOpen).toBe(true);
  });

  it('with nobody listening harms nothing', async () => {
    const { session } = await openSession(guarded);
    session.write('SEND', { destination: '/queue/forbidden' });
    await session.request('SEND', { destination: '/queue/a' });
    expect(session.isOpen).toBe(true);
  });

  it('after which the broker closes is quoted in the reason, and is its cause', async () => {
    const { session } = await openSession(
      wellBehavedExcept({
        SEND: (_, peer) => {
          peer.send('ERROR', { message: 'The maximum header length was exceeded' });
          // What ActiveMQ makes of the rest of such a frame.
          peer.send('ERROR', { message: 'The maximum command length was exceeded' });
          peer.socket.end();
        },
      }),
    );
    const error = await rejection(session.request('SEND', { destination: '/queue/a' }));
    expect(error).toBeInstanceOf(ConnectionClosedError);
    expect(error.message).toContain('its last ERROR frame said: The maximum header length was exceeded');
    expect(error.cause).toBeInstanceOf(BrokerError);
  });
});

describe('an ERROR frame that says the broker stops', () => {
  it.each(['Stop/RestartTransportsInitiated', 'ShutdownBrokerInitiated'])(
    'ends the session with %s: what waits is answered no more, and another broker may be there',
    async (message) => {
      const { broker, session } = await openSession(wellBehavedExcept({ SEND: (_, peer) => peer.send('ERROR', { message }) }));
      const error = await rejection(session.request('SEND', { destination: '/queue/a' }));
      expect(error).toBeInstanceOf(ConnectionClosedError);
      expect(error.message).toContain(message);
      expect(session.isOpen).toBe(false);
      await broker.untilAllClosed();
    },
  );
});

describe('a subscription', () => {
  it('takes messages from the moment it is asked for until it is ended', async () => {
    const { broker, session } = await openSession(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => {
          peer.send('MESSAGE', { subscription: 's1', n: '1' });
          confirm(frame, peer);
          peer.send('MESSAGE', { subscription: 's1', n: '2' });
          peer.send('MESSAGE', { subscription: 'another', n: '3' });
          peer.send('MESSAGE', { n: '4' });
        },
      }),
    );
    const seen: (string | undefined)[] = [];
    await session.subscribe('s1', { destination: '/queue/a', ack: 'client-individual' }, (frame) => seen.push(frame.headers['n']));
    await session.request('SEND', { destination: '/queue/b' });
    expect(seen).toEqual(['1', '2']);
    const ended = session.unsubscribe('s1');
    broker.peer.send('MESSAGE', { subscription: 's1', n: '5' });
    await ended;
    await session.request('SEND', { destination: '/queue/b' });
    expect(seen).toEqual(['1', '2']);
    expect(broker.received('UNSUBSCRIBE')[0]?.headers).toMatchObject({ id: 's1' });
  });

  it('that is refused leaves no listener behind', async () => {
    const { broker, session } = await openSession(
      wellBehavedExcept({ SUBSCRIBE: (frame, peer) => peer.send('ERROR', { message: 'no', 'receipt-id': frame.headers['receipt'] }) }),
    );
    const onMessage = vi.fn<(frame: StompFrame) => void>();
    await expect(session.subscribe('s1', { destination: '/queue/a' }, onMessage)).rejects.toThrow(BrokerError);
    broker.peer.send('MESSAGE', { subscription: 's1' });
    await session.request('SEND', { destination: '/queue/b' });
    expect(onMessage).not.toHaveBeenCalled();
  });

  it('whose listener throws ends the session and says whose fault it was', async () => {
    const { broker, session } = await openSession();
    await session.subscribe('s1', { destination: '/queue/a' }, () => {
      throw new TypeError('a bug');
    });
    broker.peer.send('MESSAGE', { subscription: 's1' });
    const reason = await session.closed;
    expect(reason.message).toContain('was given up: a listener failed: a bug');
    expect(reason.cause).toBeInstanceOf(TypeError);
  });
});

/** The receipt ids that the first `count` SENDs ask for. */
async function receipts(
  broker: { until: (condition: () => boolean) => Promise<void>; received: (command: string) => StompFrame[] },
  count: number,
) {
  await broker.until(() => broker.received('SEND').length >= count);
  return broker.received('SEND').map((frame) => frame.headers['receipt']);
}

describe('a subscription to a pattern', () => {
  it('asks for a receipt only of a probe that is given nothing, and ends it before the real one', async () => {
    const { broker, session } = await openSession();
    await session.subscribe('s1', { destination: '/queue/a.>', 'activemq.prefetchSize': '7' }, () => undefined, true);
    const [probe, real] = broker.received('SUBSCRIBE').map(({ headers }) => headers);
    expect(probe).toMatchObject({ id: 's1-probe', 'activemq.prefetchSize': '0', receipt: expect.any(String) });
    expect(real).toMatchObject({ id: 's1', 'activemq.prefetchSize': '7' });
    expect(real).not.toHaveProperty('receipt');
    expect(broker.received('UNSUBSCRIBE').map(({ headers }) => headers['id'])).toEqual(['s1-probe']);
  });

  it('that is refused is never made', async () => {
    const { broker, session } = await openSession(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => peer.send('ERROR', { message: 'bad selector', 'receipt-id': frame.headers['receipt'] }),
      }),
    );
    const subscribed = session.subscribe('s1', { destination: '/queue/a.>' }, () => undefined, true);
    await expect(subscribed).rejects.toThrow(BrokerError);
    expect(broker.received('SUBSCRIBE').map(({ headers }) => headers['id'])).toEqual(['s1-probe']);
    expect(session.isOpen).toBe(true);
  });
});
