import { EventEmitter, once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

import { StompProtocolError } from '../errors/index.js';
import { FrameParser } from './frame-parser.js';
import { encodeFrame, type OutgoingHeaders } from './frame-writer.js';
import type { StompFrame } from './frame.js';

/** What a {@link FakeBroker} does with a frame it has received. */
export type PeerScript = (frame: StompFrame, peer: FakePeer) => void;

/** One connection as the fake broker sees it. */
export class FakePeer {
  /** Every frame received on this connection, in order. */
  readonly received: StompFrame[] = [];
  /** Runs of ends of line between frames: heart-beats, and the ends of line that may follow a frame. */
  heartBeats = 0;
  isClosed = false;

  constructor(
    readonly socket: net.Socket,
    /** 1 for the first connection of the broker. */
    readonly number: number,
  ) {}

  send(command: string, headers: OutgoingHeaders = {}, body?: Buffer): void {
    this.raw(frameBytes(command, headers, body));
  }

  raw(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  /** Ends the connection without a RST. */
  drop(): void {
    this.socket.destroy();
  }

  /** Ends the connection with a RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** The bytes of one frame, as a broker would write it. */
export function frameBytes(command: string, headers: OutgoingHeaders = {}, body?: Buffer): Buffer {
  return Buffer.concat(encodeFrame(command, headers, body));
}

/** Answers CONNECT with CONNECTED. */
export function connected(peer: FakePeer, headers: OutgoingHeaders = {}): void {
  peer.send('CONNECTED', { version: '1.2', server: 'ActiveMQ/5.17.2', session: `ID:fake-${peer.number}`, 'heart-beat': '0,0', ...headers });
}

/** Confirms a frame that asks for it. */
export function confirm(frame: StompFrame, peer: FakePeer): void {
  const receipt = frame.headers['receipt'];
  if (receipt !== undefined) peer.send('RECEIPT', { 'receipt-id': receipt });
}

/** What a broker does that means well: CONNECTED, receipts, and a FIN after DISCONNECT. */
export const wellBehaved: PeerScript = (frame, peer) => {
  if (frame.command === 'CONNECT') connected(peer);
  else confirm(frame, peer);
  if (frame.command === 'DISCONNECT') peer.socket.end();
};

/** {@link wellBehaved}, but for the commands of `exceptions`. */
export function wellBehavedExcept(exceptions: Readonly<Record<string, PeerScript>>): PeerScript {
  return (frame, peer) => (exceptions[frame.command] ?? wellBehaved)(frame, peer);
}

/** A peer on 127.0.0.1 that speaks as much STOMP as its script says, and misbehaves where it says so. */
export class FakeBroker {
  readonly peers: FakePeer[] = [];
  port = 0;
  /** What it does next; may be changed while it runs. */
  script: PeerScript;
  /** Called for each new connection before anything is read from it. */
  onAccept: ((peer: FakePeer) => void) | undefined;
  readonly #server: net.Server;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #count = 0;

  private constructor(script: PeerScript, certificate: tls.SecureContextOptions | undefined) {
    this.script = script;
    const accept = (socket: net.Socket) => this.#accept(socket);
    this.#server = certificate ? tls.createServer(certificate, accept) : net.createServer(accept);
    // What a client does to a TLS handshake is the client's test, not the broker's trouble.
    this.#server.on('tlsClientError', () => this.#changed());
  }

  static async start(script: PeerScript = wellBehaved, certificate?: tls.SecureContextOptions, port = 0): Promise<FakeBroker> {
    const broker = new FakeBroker(script, certificate);
    broker.#server.listen(port, '127.0.0.1');
    await once(broker.#server, 'listening');
    broker.port = (broker.#server.address() as net.AddressInfo).port;
    return broker;
  }

  /** How many connections were accepted so far. */
  get connects(): number {
    return this.#count;
  }

  /** The connection accepted last. */
  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error('nobody has connected');
    return peer;
  }

  /** Every frame of that command, of all connections, in the order of the connections. */
  received(command: string): StompFrame[] {
    return this.peers.flatMap((peer) => peer.received).filter((frame) => frame.command === command);
  }

  /** Resolves when the condition holds; it is looked at after everything that happens here. */
  async until(condition: (broker: this) => boolean): Promise<void> {
    while (!condition(this)) await once(this.#changes, 'change');
  }

  /** Resolves when no connection is open. */
  async untilAllClosed(): Promise<void> {
    await this.until(() => this.peers.every((peer) => peer.isClosed));
  }

  /** Closes the port and every connection. */
  async stop(): Promise<void> {
    for (const peer of this.peers) peer.drop();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: net.Socket): void {
    const peer = new FakePeer(socket, ++this.#count);
    this.peers.push(peer);
    const parser = new FrameParser((frame) => this.#onFrame(frame, peer), { onHeartBeat: () => this.#onHeartBeat(peer) });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk, parser, peer));
    // A client under test may well reset its connection.
    socket.on('error', () => this.#changed());
    socket.on('close', () => {
      peer.isClosed = true;
      this.#changed();
    });
    this.onAccept?.(peer);
    this.#changed();
  }

  #read(chunk: Buffer, parser: FrameParser, peer: FakePeer): void {
    try {
      parser.push(chunk);
    } catch (error) {
      if (!(error instanceof StompProtocolError)) throw error;
      peer.reset();
    }
  }

  #onFrame(frame: StompFrame, peer: FakePeer): void {
    peer.received.push(frame);
    this.script(frame, peer);
    this.#changed();
  }

  #onHeartBeat(peer: FakePeer): void {
    peer.heartBeats++;
    this.#changed();
  }

  #changed(): void {
    this.#changes.emit('change');
  }
}
