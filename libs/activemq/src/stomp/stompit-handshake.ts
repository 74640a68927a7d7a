import { Duplex } from 'node:stream';

import stompit from 'stompit';

import { encodeFrame } from './frame-writer.js';

/**
 * The byte stream that stompit takes for its socket while it opens the session: what it writes goes to the wire,
 * what it reads is the one frame it is told about. So its parser, its heart-beats and its reaction to ERROR frames
 * never meet the network (`hasOwnProperty` as a header name ends a process that lets them).
 */
class HandshakeStream extends Duplex {
  readonly #toWire: (bytes: Buffer) => void;

  constructor(toWire: (bytes: Buffer) => void) {
    super();
    this.#toWire = toWire;
  }

  override _read(): void {
    // Frames are pushed when they come.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#toWire(chunk);
    done();
  }
}

/** A STOMP session being opened by stompit over bytes that we read and write. */
export interface Handshake {
  /** Resolves when stompit holds the session for open. */
  readonly opened: Promise<void>;
  /** Tells stompit that CONNECTED came. */
  connected(version: string): void;
  /** Lets go of stompit, whatever it is doing. */
  dispose(): void;
}

/**
 * Lets stompit open the session: it writes CONNECT and takes note of CONNECTED. This file alone knows stompit.
 *
 * @param headers of CONNECT besides `accept-version` and `host`
 */
export function startHandshake(virtualHost: string, headers: Readonly<Record<string, string>>, toWire: (bytes: Buffer) => void): Handshake {
  const stream = new HandshakeStream(toWire);
  const opened = new Promise<void>((resolve, reject) => {
    const client = stompit.connect(
      {
        host: virtualHost,
        timeout: 0,
        connectHeaders: { 'accept-version': '1.2', ...headers },
        connect: (_options: unknown, onConnected: () => void) => {
          queueMicrotask(onConnected);
          return stream;
        },
      } as unknown as Parameters<typeof stompit.connect>[0],
      (error: Error | null) => (error ? reject(error) : resolve()),
    );
    // stompit drops its own listener once it is connected; an error without a listener would end the process.
    client.on('error', reject);
  });
  return {
    opened,
    connected: (version) => {
      for (const bytes of encodeFrame('CONNECTED', { version, 'heart-beat': '0,0' })) stream.push(bytes);
    },
    dispose: () => void stream.destroy(),
  };
}
