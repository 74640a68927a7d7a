import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';

import { BrokerError, ConfigurationError, ConnectError, StompProtocolError } from '../errors/index.js';
import { unlessAborted } from './abortable.js';
import type { FrameLimits } from './frame-limits.js';
import { FrameParser } from './frame-parser.js';
import type { StompFrame, StompHeaders } from './frame.js';
import type { HeartBeatIntervals } from './heart-beat.js';
import { OutgoingFrames } from './outgoing-frames.js';
import { StompSession } from './stomp-session.js';
import { startHandshake } from './stompit-handshake.js';

/** What it takes to open a session over a byte stream. */
export interface OpenStompSessionOptions {
  /** Names the peer in errors, without credentials, e.g. `stomp://a:61613`. */
  readonly peer: string;
  /** Opens the byte stream; the signal fires at the deadline. */
  readonly openTransport: (signal: AbortSignal) => Promise<Duplex>;
  /** The `host` header of CONNECT. */
  readonly virtualHost: string;
  readonly login?: string;
  /** A function is asked for it within the deadline. */
  readonly passcode?: string | (() => string | Promise<string>);
  readonly clientId?: string;
  readonly heartBeat: HeartBeatIntervals;
  /** ms for connecting, the TLS handshake and CONNECTED together. */
  readonly connectTimeout: number;
  /** ms to wait for a receipt unless a command says otherwise. */
  readonly receiptTimeout: number;
  readonly limits?: Partial<FrameLimits>;
  /** Gives up the attempt. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a STOMP 1.2 session: byte stream, CONNECT, CONNECTED, all within one deadline.
 *
 * @throws ConfigurationError for credentials that cannot stand in a header
 * @throws BrokerError when the broker refuses the CONNECT, e.g. for a wrong password
 * @throws ConnectError when the peer cannot be reached, is silent past the deadline, closes, or speaks no STOMP
 */
export async function openStompSession(options: OpenStompSessionOptions): Promise<StompSession> {
  const deadline = new AbortController();
  let missing = '';
  const onDeadline = () =>
    deadline.abort(new ConnectError(`${options.peer} did not open a STOMP session within ${options.connectTimeout} ms${missing}`));
  const timer = setTimeout(onDeadline, options.connectTimeout);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline.signal]) : deadline.signal;
  try {
    let { passcode } = options;
    if (typeof passcode === 'function') {
      missing = ': the function for the password has not answered';
      passcode = await unlessAborted(Promise.resolve(passcode()), signal);
      missing = '';
    }
    const headers = connectHeaders(options, passcode);
    const transport = await unlessAborted(options.openTransport(signal), signal, (late) => late.destroy());
    return await connect(transport, headers, options, signal);
  } finally {
    clearTimeout(timer);
  }
}

function connect(
  transport: Duplex,
  headers: Readonly<Record<string, string>>,
  options: OpenStompSessionOptions,
  signal: AbortSignal,
): Promise<StompSession> {
  return new Promise((resolve, reject) => {
    const outgoing = new OutgoingFrames(transport);
    const handshake = startHandshake(options.virtualHost, headers, (bytes) => void transport.write(bytes));
    let session: StompSession | undefined;
    let answered = false;

    const finish = (settle: () => void) => {
      answered = true;
      signal.removeEventListener('abort', onAbort);
      handshake.dispose();
      settle();
    };
    const fail = (error: Error) => {
      if (answered) return;
      transport.destroy();
      finish(() => reject(error));
    };
    const onAbort = () => fail(signal.reason instanceof Error ? signal.reason : new ConnectError('The attempt was aborted'));
    const open = (connected: StompHeaders) => {
      if (connected['version'] !== '1.2') {
        fail(new ConnectError(`${options.peer} speaks STOMP ${connected['version'] ?? '1.0'}; this client needs 1.2`));
        return;
      }
      session = new StompSession(transport, outgoing, connected, options);
      const opened = session;
      handshake.opened.then(() => finish(() => resolve(opened)), fail);
      handshake.connected('1.2');
    };
    const onAnswer = (frame: StompFrame) => {
      if (frame.command === 'CONNECTED') open(frame.headers);
      else if (frame.command === 'ERROR') fail(refusal(frame, options.peer));
      else fail(new ConnectError(`${options.peer} answered CONNECT with a ${frame.command} frame`));
    };
    const lost = (why: string, cause?: unknown) => {
      if (session && answered) session.incoming.lost(why, cause);
      else
        fail(cause instanceof StompProtocolError ? notStomp(cause, options.peer) : new ConnectError(`${options.peer} ${why}`, { cause }));
    };
    const parser = new FrameParser((frame) => (session ? session.incoming.frame(frame) : onAnswer(frame)), { limits: options.limits });

    handshake.opened.catch((error: Error) => lost('could not be used', error));
    const onData = (chunk: Buffer) => {
      session?.incoming.activity();
      try {
        parser.push(chunk);
      } catch (error) {
        if (error instanceof StompProtocolError) lost('sent what could not be read', error);
        else lost(`was given up: a listener failed: ${(error as Error).message}`, error);
      }
    };
    // A broker in this process gives out messages in the asynchronous context of whoever sends or acknowledges at that moment.
    transport.on('data', AsyncResource.bind(onData));
    transport.on('error', (error) => lost(`failed: ${error.message}`, error));
    transport.on('end', () => lost('was closed by the broker'));
    transport.on('close', () => lost('was closed by the broker'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function connectHeaders(options: OpenStompSessionOptions, passcode: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'heart-beat': `${options.heartBeat.outgoing},${options.heartBeat.incoming}` };
  const put = (header: string, option: string, value: string | undefined) => {
    if (value === undefined) return;
    // STOMP escapes nothing in CONNECT: a line break would smuggle in a header of its own.
    if (/[\n\r\0]/.test(value)) throw new ConfigurationError(`${option} must not contain a line break or NUL: CONNECT cannot carry it`);
    // Against STOMP 1.2 ActiveMQ unescapes the headers of CONNECT: a backslash has to be doubled to arrive.
    headers[header] = value.replaceAll('\\', '\\\\');
  };
  put('login', 'user', options.login);
  put('passcode', 'password', passcode);
  put('client-id', 'clientId', options.clientId);
  return headers;
}

function refusal(frame: StompFrame, peer: string): Error {
  const said = frame.headers['message'] ?? (frame.body.toString('utf8', 0, 1_000) || 'no reason given');
  return new BrokerError(said, `${peer} refused the connection: ${said}`);
}

function notStomp(cause: StompProtocolError, peer: string): ConnectError {
  if (!cause.message.includes('speaks OpenWire')) return new ConnectError(`${peer} does not speak STOMP: ${cause.message}`, { cause });
  const port = /:(\d+)$/.exec(peer)?.[1] ?? 'of the peer';
  return new ConnectError(
    `${peer}: port ${port} speaks OpenWire; connect to the stomp connector (61613 by default) or use an auto:// connector`,
    { cause },
  );
}
