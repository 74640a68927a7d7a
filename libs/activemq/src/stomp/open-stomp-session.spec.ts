import { describe, expect, it, vi } from 'vitest';

import { cleanUpSessions, openSession, rejection, sessionOptions, startFakeBroker } from './stomp-session.fixture.js';
import { connected, frameBytes, wellBehavedExcept } from './fake-broker.fixture.js';
import { openStompSession } from './open-stomp-session.js';
import { StompProtocolError } from '../errors/index.js';

cleanUpSessions();

describe('opening a session', () => {
  it('asks for STOMP 1.2 alone, with credentials, client id and heart-beats', async () => {
    const { broker, session } = await openSession(undefined, {
      login: 'app',
      passcode: 'a:b c',
      clientId: 'orders',
      heartBeat: { outgoing: 10_000, incoming: 20_000 },
    });
    expect({ ...broker.peer.received[0]?.headers }).toEqual({
      host: '127.0.0.1',
      'accept-version': '1.2',
      'heart-beat': '10000,20000',
      login: 'app',
      passcode: 'a:b c',
      'client-id': 'orders',
    });
    expect(session).toMatchObject({ server: 'ActiveMQ/5.17.2', sessionId: 'ID:fake-1', isOpen: true });
  });

  it('leaves credentials out that it was not given', async () => {
    const { broker } = await openSession();
    expect(Object.keys(broker.peer.received[0]?.headers ?? {})).toEqual(['accept-version', 'host', 'heart-beat']);
  });

  it('reads a CONNECTED that comes byte by byte', async () => {
    const { session } = await openSession((frame, peer) => {
      if (frame.command === 'CONNECT') dribble(frameBytes('CONNECTED', { version: '1.2', server: 'ActiveMQ/ü' }), peer.raw.bind(peer));
    });
    expect(session.server).toBe('ActiveMQ/ü');
  });

  it('takes headers named like the parts of an object', async () => {
    const { session } = await openSession(
      wellBehavedExcept({
        CONNECT: (_, peer) => peer.raw('CONNECTED\nversion:1.2\nhasOwnProperty:1\n__proto__:2\nconstructor:3\nserver:s\n\n\0'),
      }),
    );
    await session.request('SEND', { destination: '/queue/a' });
    expect(session.server).toBe('s');
    expect(({} as Record<string, unknown>)['2']).toBeUndefined();
  });

  it('takes frames that come with CONNECTED in one chunk', async () => {
    const broker = await startFakeBroker((frame, peer) => {
      if (frame.command !== 'CONNECT') return;
      peer.raw(
        Buffer.concat([
          frameBytes('CONNECTED', { version: '1.2' }),
          frameBytes('ERROR', { message: 'quota' }),
          frameBytes('RECEIPT', { 'receipt-id': 'x' }),
        ]),
      );
    });
    const session = await openStompSession(sessionOptions(broker));
    expect(session.isOpen).toBe(true);
    session.destroy();
  });

  it('fails when garbage follows CONNECTED in one chunk, and leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const broker = await startFakeBroker((_, peer) =>
        peer.raw(Buffer.concat([frameBytes('CONNECTED', { version: '1.2', 'heart-beat': '1000,1000' }), Buffer.from('GARBAGE\n')])),
      );
      const opening = openStompSession(sessionOptions(broker, { heartBeat: { outgoing: 1_000, incoming: 1_000 } }));
      const error = await rejection(opening);
      expect(error.message).toContain('does not speak STOMP');
      expect(error.cause).toBeInstanceOf(StompProtocolError);
      await broker.untilAllClosed();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('opens, and then is closed with a reason, when the broker drops it right after CONNECTED', async () => {
    const broker = await startFakeBroker((_, peer) => {
      connected(peer);
      peer.socket.end();
    });
    const outcome = await openStompSession(sessionOptions(broker)).then(
      (session) => session.closed,
      (error: Error) => error,
    );
    expect(outcome.message).toContain('was closed by the broker');
  });

  it('sets TCP_NODELAY before the first byte is written', async () => {
    const net = await import('node:net');
    const calls: string[] = [];
    const noDelay = vi.spyOn(net.default.Socket.prototype, 'setNoDelay').mockImplementation(function (
      this: InstanceType<typeof net.Socket>,
      on,
    ) {
      if (on === true && this.connecting) calls.push('TCP_NODELAY');
      return this;
    });
    const broker = await startFakeBroker((frame) => calls.push(frame.command));
    const abort = new AbortController();
    const opening = rejection(openStompSession(sessionOptions(broker, { signal: abort.signal })));
    await broker.until(() => broker.received('CONNECT').length === 1);
    abort.abort();
    await opening;
    noDelay.mockRestore();
    expect(calls).toEqual(['TCP_NODELAY', 'CONNECT']);
  });
});

function dribble(bytes: Buffer, write: (bytes: Buffer) => void): void {
  const [first, rest] = [bytes.subarray(0, 1), bytes.subarray(1)];
  write(first);
  if (rest.length > 0) setImmediate(() => dribble(rest, write));
}
