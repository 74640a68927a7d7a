import type { AddressInfo } from 'node:net';
import net from 'node:net';
import tls from 'node:tls';
import { once } from 'node:events';

import { describe, expect, it } from 'vitest';

import { ConnectError } from '../errors/index.js';
import { openStompSession } from './open-stomp-session.js';
import { cleanUpSessions, rejection, sessionOptions, startFakeBroker } from './stomp-session.fixture.js';
import { OTHER_CERTIFICATE, TEST_CERTIFICATE, TEST_KEY } from './tls-certificate.fixture.js';
import { openTransport, type TransportTarget } from './transport.js';

cleanUpSessions();

const server = { cert: TEST_CERTIFICATE, key: TEST_KEY };
const neverAborted = new AbortController().signal;

async function tlsBroker() {
  const broker = await startFakeBroker(undefined, server);
  const open = (target: Partial<TransportTarget>) =>
    openStompSession(
      sessionOptions(broker, {
        openTransport: (signal) => openTransport({ host: '127.0.0.1', port: broker.port, secure: true, ...target }, signal),
        connectTimeout: 2_000,
      }),
    );
  return { broker, open };
}

describe('a TLS transport', () => {
  it.each(['127.0.0.1', 'localhost'])('opens a session when the broker’s CA is given, as %s', async (host) => {
    const { broker, open } = await tlsBroker();
    const session = await open({ host, tls: { ca: TEST_CERTIFICATE } });
    await session.request('SEND', { destination: '/queue/a' });
    expect(broker.received('SEND')).toHaveLength(1);
    session.destroy();
  });

  it.each([
    ['without its CA', {}, /self-signed certificate/],
    ['with another CA', { ca: OTHER_CERTIFICATE }, /certificate/],
    ['under a name it has not', { ca: TEST_CERTIFICATE, servername: 'broker.example' }, /Hostname\/IP does not match/],
  ])('%s fails and says why', async (_, options, says) => {
    const { broker, open } = await tlsBroker();
    const error = await rejection(open({ tls: options }));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toMatch(says);
    await broker.untilAllClosed();
  });

  it('against a plain STOMP connector fails within the deadline', async () => {
    const broker = await startFakeBroker();
    const options = sessionOptions(broker, {
      connectTimeout: 200,
      openTransport: (signal) => openTransport({ host: '127.0.0.1', port: broker.port, secure: true }, signal),
    });
    expect(await rejection(openStompSession(options))).toBeInstanceOf(ConnectError);
  });

  it.each([
    ['127.0.0.1', false],
    ['localhost', 'localhost'],
  ])('for the host %s sends the server name %s', async (host, expected) => {
    const names: unknown[] = [];
    const listening = tls.createServer(server, (socket) => {
      names.push(socket.servername);
      socket.end();
    });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const transport = await openTransport({ host, port, secure: true, tls: { ca: TEST_CERTIFICATE } }, neverAborted);
    transport.resume();
    await once(transport, 'close');
    listening.close();
    expect(names).toEqual([expected]);
  });
});

describe('a TCP transport', () => {
  it('ends the attempt when the signal fires, and leaves no socket', async () => {
    const abort = new AbortController();
    // TEST-NET-1 answers nobody; where there is no route at all the attempt fails by itself, just as well.
    const opening = rejection(openTransport({ host: '192.0.2.1', port: 61613, secure: false }, abort.signal));
    abort.abort(new ConnectError('too late'));
    expect(await opening).toBeInstanceOf(ConnectError);
  });

  it('that is refused names the refusal', async () => {
    const listening = net.createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    listening.close();
    await once(listening, 'close');
    const error = await rejection(openTransport({ host: '127.0.0.1', port, secure: false }, neverAborted));
    expect(error.message).toBe(`Could not connect: connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  it('to a name that does not exist names it', async () => {
    const error = await rejection(openTransport({ host: 'no-such-broker.invalid', port: 61613, secure: false }, neverAborted));
    expect(error.message).toContain('no-such-broker.invalid');
  });
});
