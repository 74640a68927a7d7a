import { describe, expect, it, vi } from 'vitest';

import { ConnectionClosedError, ReceiptTimeoutError, StompProtocolError } from '../errors/index.js';
import { wellBehaved, wellBehavedExcept } from './fake-broker.fixture.js';
import type { StompFrame } from './frame.js';
import { cleanUpSessions, openSession, rejection } from './stomp-session.fixture.js';

cleanUpSessions();

describe('the end of a session', () => {
  it('by disconnect comes after everything written before it was taken', async () => {
    const { broker, session } = await openSession();
    const sent = session.request('SEND', { destination: '/queue/a' });
    session.write('ACK', { id: '1' });
    await session.disconnect();
    await sent;
    expect(broker.peer.received.map(({ command }) => command)).toEqual(['CONNECT', 'SEND', 'ACK', 'DISCONNECT']);
    expect((await session.closed).message).toContain('was closed by this client');
    await broker.untilAllClosed();
    await session.disconnect();
  });

  it('by disconnect keeps its deadline with a broker that does not answer', async () => {
    const { broker, session } = await openSession(wellBehavedExcept({ DISCONNECT: () => undefined }));
    expect(await rejection(session.disconnect(20))).toBeInstanceOf(ReceiptTimeoutError);
    expect(session.isOpen).toBe(false);
    await broker.untilAllClosed();
  });

  it('by disconnect is told when the broker dies over it', async () => {
    const { session } = await openSession(wellBehavedExcept({ DISCONNECT: (_, peer) => peer.reset() }));
    expect(await rejection(session.disconnect())).toBeInstanceOf(ConnectionClosedError);
    expect(session.isOpen).toBe(false);
  });

  it('happens once: the first reason stays', async () => {
    const { broker, session } = await openSession();
    const reasons: Error[] = [];
    void session.closed.then((reason) => reasons.push(reason));
    const first = new ConnectionClosedError('first');
    session.destroy(first);
    session.destroy(new ConnectionClosedError('second'));
    await session.disconnect();
    await broker.untilAllClosed();
    expect(await session.closed).toBe(first);
    expect(reasons).toEqual([first]);
  });

  it('is told once to who asked for it, at once when it is over, and not to who asks no more', async () => {
    const { session } = await openSession();
    const told: string[] = [];
    session.onClosed(({ message }) => told.push(`first ${message}`));
    session.onClosed(() => told.push('removed'))();
    session.destroy(new ConnectionClosedError('gone'));
    session.onClosed(({ message }) => told.push(`late ${message}`))();
    expect(told).toEqual(['first gone', 'late gone']);
  });

  it.each([
    ['a FIN', 'was closed by the broker', (socket: { end(): void }) => socket.end()],
    ['a RST', 'ECONNRESET', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
  ])('by %s of the broker is told with a reason', async (_, says, end) => {
    const { broker, session } = await openSession();
    end(broker.peer.socket);
    const reason = await session.closed;
    expect(reason).toBeInstanceOf(ConnectionClosedError);
    expect(reason.message).toContain(says);
    expect(reason.message).toContain(`stomp://127.0.0.1:${broker.port}`);
  });

  it.each(['FIN', 'RST'])('in the middle of a body, by a %s, delivers nothing of it', async (how) => {
    const { broker, session } = await openSession();
    const onMessage = vi.fn<(frame: StompFrame) => void>();
    await session.subscribe('s1', { destination: '/queue/a' }, onMessage);
    const { socket } = broker.peer;
    socket.write(`MESSAGE\nsubscription:s1\ncontent-length:1000\n\n${'x'.repeat(500)}`, () =>
      how === 'FIN' ? socket.end() : socket.resetAndDestroy(),
    );
    await session.closed;
    expect(onMessage).not.toHaveBeenCalled();
  });

  it.each([
    ['a frame that no broker may send', 'CONNECTED\nversion:1.2\n\n\0', 'sent a CONNECTED frame'],
    ['a command that does not exist', 'HELLO\n\n\0', 'HELLO'],
    ['a body longer than it says', 'MESSAGE\ncontent-length:1\n\nxy\0', 'longer than its content-length'],
  ])('comes with %s, and every receipt is rejected with it', async (_, bytes, says) => {
    const { broker, session } = await openSession(wellBehavedExcept({ SEND: (__, peer) => peer.raw(bytes) }));
    const error = await rejection(session.request('SEND', { destination: '/queue/a' }));
    expect(error).toBeInstanceOf(StompProtocolError);
    expect(error.message).toContain(says);
    expect(await session.closed).toBe(error);
    await broker.untilAllClosed();
  });

  it('leaves no timer, however many receipts were awaited', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    try {
      const { broker, session } = await openSession(
        (frame, peer) => {
          if (frame.command === 'CONNECT') peer.send('CONNECTED', { version: '1.2', 'heart-beat': '1000,1000' });
          else if (frame.headers['destination'] !== '/queue/silent') wellBehaved(frame, peer);
        },
        { heartBeat: { outgoing: 1_000, incoming: 1_000 } },
      );
      const sent = ['silent', 'a', 'silent', 'b'].map((name) => session.request('SEND', { destination: `/queue/${name}` }));
      const settled = Promise.allSettled(sent);
      await Promise.all([sent[1], sent[3]]);
      expect(vi.getTimerCount()).toBe(4);
      broker.peer.drop();
      await settled;
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
