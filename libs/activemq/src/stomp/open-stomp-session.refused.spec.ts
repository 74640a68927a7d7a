import { getEventListeners, once } from 'node:events';
import { PassThrough } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { BrokerError, ConfigurationError, ConnectError } from '../errors/index.js';
import { connected, type PeerScript } from './fake-broker.fixture.js';
import { openStompSession, type OpenStompSessionOptions } from './open-stomp-session.js';
import { cleanUpSessions, rejection, sessionOptions, startFakeBroker } from './stomp-session.fixture.js';

cleanUpSessions();

const SECRET = 's3cr3t-pass';
/** WireFormatInfo, as an OpenWire connector of ActiveMQ 5.17 greets: length, type 1, magic, version 12. */
const OPENWIRE_GREETING = Buffer.concat([
  Buffer.from([0, 0, 1, 0x2a, 1]),
  Buffer.from('ActiveMQ'),
  Buffer.from([0, 0, 0, 12]),
  Buffer.alloc(285),
]);

interface Case {
  readonly peer: string;
  readonly script: PeerScript;
  readonly says: RegExp;
  readonly type?: typeof ConnectError | typeof BrokerError;
  readonly options?: Partial<OpenStompSessionOptions>;
}

const CASES: readonly Case[] = [
  { peer: 'is silent', script: () => {}, options: { connectTimeout: 50 }, says: /did not open a STOMP session within 50 ms/ },
  { peer: 'drops the connection', script: (_, peer) => peer.drop(), says: /was closed by the broker/ },
  { peer: 'resets the connection', script: (_, peer) => peer.reset(), says: /ECONNRESET/ },
  {
    peer: 'refuses the password',
    script: (_, peer) => {
      peer.send('ERROR', { message: 'User name [app] or password is invalid.' }, Buffer.from('java.lang.SecurityException'));
      peer.drop();
    },
    type: BrokerError,
    says: /refused the connection: User name \[app\] or password is invalid\.$/,
  },
  {
    peer: 'sends an ERROR with a body only',
    script: (_, peer) => peer.raw('ERROR\n\nno such luck\0'),
    type: BrokerError,
    says: /no such luck/,
  },
  { peer: 'sends an empty ERROR', script: (_, peer) => peer.raw('ERROR\n\n\0'), type: BrokerError, says: /no reason given/ },
  { peer: 'speaks STOMP 1.1', script: (_, peer) => connected(peer, { version: '1.1' }), says: /speaks STOMP 1\.1; this client needs 1\.2/ },
  {
    peer: 'names no version',
    script: (_, peer) => connected(peer, { version: undefined }),
    says: /speaks STOMP 1\.0; this client needs 1\.2/,
  },
  {
    peer: 'answers with another frame',
    script: (_, peer) => peer.send('RECEIPT', { 'receipt-id': '1' }),
    says: /answered CONNECT with a RECEIPT frame/,
  },
  {
    peer: 'is an HTTP server',
    script: (_, peer) => peer.raw('HTTP/1.1 400 Bad Request\r\n\r\n'),
    says: /does not speak STOMP.*HTTP\/1\.1 400/,
  },
  { peer: 'sends random bytes', script: (_, peer) => peer.raw(Buffer.from([0xff, 0xfe, 0, 1, 2])), says: /does not speak STOMP/ },
  {
    peer: 'is a TLS server',
    script: (_, peer) => peer.raw(Buffer.from([0x15, 3, 3, 0, 2, 2, 70])),
    says: /looks like TLS: use a stomp\+ssl/,
  },
  {
    peer: 'echoes what it is sent',
    script: (frame, peer) => peer.send(frame.command, frame.headers),
    says: /answered CONNECT with a CONNECT frame/,
  },
  {
    peer: 'floods the header',
    script: (_, peer) => peer.raw(`CONNECTED\nversion:1.2\nx:${'y'.repeat(17 * 1024 * 1024)}`),
    says: /header line .* longer than 16777216 bytes/,
  },
];

describe('opening a session with a peer that', () => {
  it.each(CASES)('$peer fails, says why, and leaves no socket and no listener', async ({ script, says, type = ConnectError, options }) => {
    const broker = await startFakeBroker(script);
    const { signal } = new AbortController();
    const error = await rejection(openStompSession(sessionOptions(broker, { login: 'app', passcode: SECRET, signal, ...options })));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(says);
    expect(error.message).toContain(`stomp://127.0.0.1:${broker.port}`);
    expect(shown(error)).not.toContain(SECRET);
    await broker.untilAllClosed();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('speaks OpenWire is told from others, and the cure is said', async () => {
    const broker = await startFakeBroker(() => {});
    broker.onAccept = (peer) => peer.raw(OPENWIRE_GREETING);
    const error = await rejection(openStompSession(sessionOptions(broker)));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toContain(
      `port ${broker.port} speaks OpenWire; connect to the stomp connector (61613 by default) or use an auto:// connector`,
    );
    await broker.untilAllClosed();
  });

  it('is not there is reported with its refusal', async () => {
    const broker = await startFakeBroker();
    await broker.stop();
    const error = await rejection(openStompSession(sessionOptions(broker)));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toContain(`ECONNREFUSED 127.0.0.1:${broker.port}`);
  });
});

describe('giving up an attempt', () => {
  it('closes the socket at once and rejects with the reason', async () => {
    const broker = await startFakeBroker(() => {});
    const abort = new AbortController();
    const opening = rejection(openStompSession(sessionOptions(broker, { signal: abort.signal })));
    await broker.until(() => broker.received('CONNECT').length === 1);
    abort.abort(new ConnectError('shutting down'));
    expect((await opening).message).toBe('shutting down');
    await broker.untilAllClosed();
  });

  it('before it began opens no session', async () => {
    const broker = await startFakeBroker();
    const signal = AbortSignal.abort(new ConnectError('never mind'));
    await expect(openStompSession(sessionOptions(broker, { signal }))).rejects.toThrow('never mind');
    expect(broker.received('CONNECT')).toEqual([]);
  });

  it('at the deadline also ends the wait for a byte stream that never opens', async () => {
    const broker = await startFakeBroker();
    const never = new Promise<never>(() => {});
    const opening = openStompSession(sessionOptions(broker, { openTransport: () => never, connectTimeout: 20 }));
    await expect(opening).rejects.toThrow('did not open a STOMP session within 20 ms');
  });

  it('at the deadline closes a byte stream that opens too late', async () => {
    const broker = await startFakeBroker();
    const late = new PassThrough();
    let open: (stream: PassThrough) => void = () => undefined;
    const openTransport = () => new Promise<PassThrough>((resolve) => (open = resolve));
    const opening = openStompSession(sessionOptions(broker, { openTransport, connectTimeout: 20 }));
    await expect(opening).rejects.toThrow(ConnectError);
    open(late);
    await once(late, 'close');
  });

  it('at the deadline also ends the wait for a password, and says so', async () => {
    const broker = await startFakeBroker();
    const passcode = () => new Promise<never>(() => {});
    const opening = openStompSession(sessionOptions(broker, { passcode, connectTimeout: 20 }));
    await expect(opening).rejects.toThrow('within 20 ms: the function for the password has not answered');
    expect(broker.connects).toBe(0);
  });
});

describe('credentials that CONNECT cannot carry', () => {
  it.each([
    ['user', { login: 'app\npasscode:x' }],
    ['password', { passcode: `${SECRET}\nadmin:true` }],
    ['password', { passcode: `${SECRET}\r` }],
    ['password', { passcode: `${SECRET}\0` }],
    ['clientId', { clientId: 'a\nb' }],
  ])('(%s) are refused before anything is opened, without showing them', async (name, given) => {
    const broker = await startFakeBroker();
    const error = await rejection(openStompSession(sessionOptions(broker, given)));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(name);
    expect(shown(error)).not.toContain(SECRET);
    expect(broker.connects).toBe(0);
  });
});

/** Everything a log could show of an error. */
function shown(error: unknown): string {
  return error instanceof Error ? `${error.stack} ${JSON.stringify(error)} ${shown(error.cause)}` : String(error);
}
