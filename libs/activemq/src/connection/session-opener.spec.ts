import net from 'node:net';
import { PassThrough } from 'node:stream';

import { describe, expect, it, vi } from 'vitest';

import { ConnectError } from '../errors/index.js';
import { parseBrokerUri } from '../stomp/broker-uri.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { TEST_CERTIFICATE, TEST_KEY } from '../stomp/tls-certificate.fixture.js';
import { connectionSettings } from './connection.fixture.js';
import type { ConnectionSettings } from './connection-settings.js';
import { sessionOpener } from './session-opener.js';

cleanUpSessions();

const neverAborted = new AbortController().signal;

function open(uri: string, settings: Partial<ConnectionSettings> = {}, clientId?: string) {
  return sessionOpener(connectionSettings('stomp://unused', settings), clientId)(parseBrokerUri(uri), neverAborted);
}

describe('opening a session with one broker', () => {
  it.each([
    ['the URI', 'uriUser:uriPass@', { user: 'app', password: 'secret' }, { login: 'uriUser', passcode: 'uriPass' }],
    ['the connection', '', { user: 'app', password: 'secret' }, { login: 'app', passcode: 'secret' }],
    ['a function', '', { user: 'app', password: () => 'fresh' }, { login: 'app', passcode: 'fresh' }],
    ['an asynchronous function', '', { user: 'app', password: () => Promise.resolve('later') }, { login: 'app', passcode: 'later' }],
  ])('takes the credentials of %s', async (_, userinfo, settings, expected) => {
    const broker = await startFakeBroker();
    const session = await open(`stomp://${userinfo}127.0.0.1:${broker.port}`, settings, 'orders');
    expect(broker.received('CONNECT')[0]?.headers).toMatchObject({ ...expected, host: '127.0.0.1', 'client-id': 'orders' });
    session.destroy();
  });

  it('asks for the password at each connect', async () => {
    const broker = await startFakeBroker();
    let asked = 0;
    const settings = { user: 'app', password: () => `secret ${++asked}` };
    for (let round = 0; round < 2; round++) (await open(`stomp://127.0.0.1:${broker.port}`, settings)).destroy();
    expect(broker.received('CONNECT').map(({ headers }) => headers['passcode'])).toEqual(['secret 1', 'secret 2']);
  });

  it('fails when the function for the password does', async () => {
    const broker = await startFakeBroker();
    const password = () => Promise.reject(new Error('the vault is sealed'));
    await expect(open(`stomp://127.0.0.1:${broker.port}`, { password })).rejects.toThrow('the vault is sealed');
    expect(broker.connects).toBe(0);
  });

  it.each([
    ['', '7000,8000'],
    ['?wireFormat.maxInactivityDuration=5000', '5000,5000'],
    ['?wireFormat.maxInactivityDuration=0', '0,0'],
  ])('asks for the heart-beats of the URI before those of the connection: %s', async (query, expected) => {
    const broker = await startFakeBroker();
    const session = await open(`stomp://127.0.0.1:${broker.port}${query}`, { heartBeat: { outgoing: 7_000, incoming: 8_000 } });
    expect(broker.received('CONNECT')[0]?.headers['heart-beat']).toBe(expected);
    session.destroy();
  });

  it('keeps the deadline of the URI before that of the connection', async () => {
    const broker = await startFakeBroker(() => undefined);
    const error = await rejection(open(`stomp://127.0.0.1:${broker.port}?connectionTimeout=30`, { connectTimeout: 60_000 }));
    expect(error.message).toContain('within 30 ms');
  });

  it.each([
    ['?keepAlive=true', [[true]]],
    ['?keepAlive=false', []],
    ['', []],
  ])('has the kernel probe an idle connection when the URI says so: %s', async (query, calls) => {
    const broker = await startFakeBroker();
    const keepAlive = vi.spyOn(net.Socket.prototype, 'setKeepAlive');
    try {
      const session = await open(`stomp://127.0.0.1:${broker.port}${query}`);
      expect(keepAlive.mock.calls).toEqual(calls);
      session.destroy();
    } finally {
      keepAlive.mockRestore();
    }
  });

  it('lets the URI switch off that the certificate must name the host, and nothing else of its verification', async () => {
    const broker = await startFakeBroker(undefined, { cert: TEST_CERTIFICATE, key: TEST_KEY });
    const uri = `stomp+ssl://127.0.0.1:${broker.port}`;
    const tls = { ca: TEST_CERTIFICATE, servername: 'broker.example' };
    const error = await rejection(open(uri, { tls }));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toContain('Hostname/IP does not match');
    (await open(`${uri}?verifyHostName=false`, { tls })).destroy();
    await expect(open(`${uri}?verifyHostName=false`)).rejects.toThrow('self-signed certificate');
  });

  it('opens a vm:// URI over the byte stream it is given', async () => {
    const stream = new PassThrough();
    const names: string[] = [];
    const openVmTransport = ({ host }: { host: string }) => {
      names.push(host);
      return Promise.resolve(stream);
    };
    // The stream echoes: a peer that answers with what it is sent.
    const error = await rejection(open('vm://embedded', { openVmTransport }));
    expect([names, error.message]).toEqual([['embedded'], 'vm://embedded answered CONNECT with a CONNECT frame']);
  });
});
