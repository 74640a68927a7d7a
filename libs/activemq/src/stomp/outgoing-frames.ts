import type { Writable } from 'node:stream';
import { ConnectionClosedError } from '../errors/index.js';
import { OutgoingBatch } from './outgoing-batch.js';
import { encodeHead, type OutgoingHeaders } from './frame-writer.js';

/** Bytes that are collected at most before they are handed to the socket within the tick. */
const MAX_BATCH = 64 * 1024;

/**
 * The sending side of one connection: the frames of one tick become one write, large bodies are never copied.
 *
 * What is still collected when the socket closes is dropped: whoever waits for a receipt learns it from the close.
 */
export class OutgoingFrames {
  readonly #socket: Writable;
  readonly #batch = new OutgoingBatch();
  #flushScheduled = false;
  #lastWriteAt = performance.now();
  #bytesWritten = 0;
  #drained: Promise<void> | undefined;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Bytes not yet handed to the operating system: those of this tick and those the socket holds. */
  get writableLength(): number {
    return this.#batch.length + this.#socket.writableLength;
  }

  /** True when senders should await {@link drained} before they write more. */
  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain || this.#batch.length >= this.#socket.writableHighWaterMark;
  }

  /** When bytes were last handed to the socket, in ms of `performance.now()`; before the first, when this was made. */
  get lastWriteAt(): number {
    return this.#lastWriteAt;
  }

  /** Bytes handed to the socket so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /**
   * Adds one frame to this tick's write. A body above 8 KiB must not be changed until it is sent.
   *
   * @throws ConnectionClosedError when the socket cannot be written to any more.
   * @throws IllegalFrameError when the frame is no STOMP or beyond ActiveMQ's limits; nothing of it is sent.
   */
  write(command: string, headers: OutgoingHeaders, body?: Buffer): void {
    if (!this.#socket.writable) throw this.#closed(`The ${command} frame was not sent: the connection is closed`);
    this.#batch.addFrame(encodeHead(command, headers, body), body);
    this.#schedule();
  }

  /** Adds a heart-beat, one line feed, to this tick's write; on a closed socket it does nothing, since a timer calls it. */
  heartBeat(): void {
    if (!this.#socket.writable) return;
    this.#batch.addLineFeed();
    this.#schedule();
  }

  /** Hands what is collected to the socket now; needed before `socket.end()` in the same tick. */
  flush(): void {
    const length = this.#batch.length;
    if (length === 0) return;
    const parts = this.#batch.take();
    if (!this.#socket.writable) return;
    this.#bytesWritten += length;
    this.#lastWriteAt = performance.now();
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  /**
   * Resolves when the socket takes more without queueing, at once when it does already.
   *
   * @throws ConnectionClosedError (as a rejection) when the socket closes first, or is closed.
   */
  drained(): Promise<void> {
    if (this.needsDrain) this.flush();
    if (this.#socket.destroyed) return Promise.reject(this.#closed('The connection closed while a sender waited'));
    if (!this.#socket.writableNeedDrain) return Promise.resolve();
    this.#drained ??= this.#awaitDrain();
    return this.#drained;
  }

  /** One set of listeners however many senders wait. */
  #awaitDrain(): Promise<void> {
    const socket = this.#socket;
    return new Promise<void>((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#drained = undefined;
        socket.off('drain', onDrain).off('finish', onDrain).off('close', onClose);
        act();
      };
      const onDrain = () => settle(resolve);
      const onClose = () => settle(() => reject(this.#closed('The connection closed while a sender waited')));
      // 'finish': a socket that was ended meanwhile emits no 'drain' any more.
      socket.on('drain', onDrain).on('finish', onDrain).on('close', onClose);
    });
  }

  #schedule(): void {
    if (this.#batch.length >= MAX_BATCH) return this.flush();
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => {
      this.#flushScheduled = false;
      this.flush();
    });
  }

  #closed(message: string): ConnectionClosedError {
    return new ConnectionClosedError(message, { cause: this.#socket.errored ?? undefined });
  }
}
