import { Duplex } from 'node:stream';
// Taken here and not from the global: fake timers in a user's test must not stop the bytes.
import { setImmediate } from 'node:timers';

/** Bytes one side takes before the other side's writes wait, as a socket's buffers. */
const HIGH_WATER_MARK = 64 * 1024;

/**
 * One end of a connection inside this process. It behaves as a `net.Socket` does for a session: bytes arrive a turn of the event loop
 * later, writes wait for a slow reader, the death of one end ends the other.
 */
export class MemorySocket extends Duplex {
  /** As of a connected `net.Socket`. */
  readonly remoteAddress: string = '127.0.0.1';
  #peer: MemorySocket | undefined;
  /** The peer's write that waits until this side reads. */
  #waiting: (() => void) | undefined;

  private constructor() {
    super({ allowHalfOpen: false, highWaterMark: HIGH_WATER_MARK });
  }

  /** Two ends that are connected with each other. */
  static pair(): [MemorySocket, MemorySocket] {
    const [a, b] = [new MemorySocket(), new MemorySocket()];
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  /** An end that nobody answers: it fails a turn later, as `net.connect` to a closed port does. */
  static refused(address: string): MemorySocket {
    const socket = new MemorySocket();
    const error = Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED', syscall: 'connect', address });
    setImmediate(() => socket.destroy(error));
    return socket;
  }

  /** There is no Nagle's algorithm here. */
  setNoDelay(): this {
    return this;
  }

  /** There is no idle connection to probe here. */
  setKeepAlive(): this {
    return this;
  }

  /** It keeps no process alive. */
  ref(): this {
    return this;
  }

  /** It keeps no process alive. */
  unref(): this {
    return this;
  }

  override _read(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    setImmediate(() => this.#deliver(chunk, done));
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const joined = Buffer.concat(chunks.map(({ chunk }) => chunk));
    setImmediate(() => this.#deliver(joined, done));
  }

  override _final(done: (error?: Error | null) => void): void {
    setImmediate(() => {
      this.#peer?.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#waiting?.();
    this.#waiting = undefined;
    const peer = this.#peer;
    setImmediate(() => {
      if (peer !== undefined) peer.#peerGone();
    });
    done(error);
  }

  #deliver(chunk: Buffer, done: (error?: Error | null) => void): void {
    const peer = this.#peer;
    if (peer === undefined || peer.destroyed || peer.readableEnded) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
      return;
    }
    if (peer.push(chunk)) done();
    else peer.#waiting = () => done();
  }

  /** What was sent before is read first, then the end. */
  #peerGone(): void {
    if (this.destroyed) return;
    this.push(null);
    // Nobody takes what is written from here on.
    this.end();
  }
}
