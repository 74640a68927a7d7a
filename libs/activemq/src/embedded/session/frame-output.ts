import type { Duplex } from 'node:stream';

/** Chunks below this sum, in bytes, go out as one. */
const JOINED = 64 * 1024;

/** The way out of one connection: frames of one turn leave together, and it says when the peer does not take them. */
export class FrameOutput {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #scheduled = false;
  #ended = false;
  #lastWriteAt = 0;

  constructor(
    private readonly socket: Duplex,
    limit: number,
    /** Ms everything is late, asked for at each write. */
    private readonly latency: () => number,
    onDrained: () => void,
  ) {
    // Below the socket's own mark there would be no 'drain' to wait for.
    this.#limit = Math.max(limit, socket.writableHighWaterMark);
    socket.on('drain', onDrained);
  }

  /** Whether the peer has more to take than the limit. */
  get blocked(): boolean {
    return this.#bytes + this.socket.writableLength >= this.#limit;
  }

  /** When something was written last, as `performance.now()`. */
  get lastWriteAt(): number {
    return this.#lastWriteAt;
  }

  write(chunks: readonly Buffer[]): void {
    if (this.#ended) return;
    for (const chunk of chunks) {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    const latency = this.latency();
    if (latency === 0) queueMicrotask(() => this.#flush());
    else setTimeout(() => this.#flush(), latency).unref();
  }

  /** Writes what is left and ends the connection's way out; calls back when the peer has it. */
  end(done: () => void): void {
    this.#flush();
    this.#ended = true;
    this.socket.end(done);
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#bytes === 0) return;
    const chunks = this.#chunks.splice(0);
    const bytes = this.#bytes;
    this.#bytes = 0;
    if (this.socket.destroyed || this.#ended) return;
    this.#lastWriteAt = performance.now();
    if (bytes <= JOINED) {
      this.socket.write(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes));
      return;
    }
    this.socket.cork();
    for (const chunk of chunks) this.socket.write(chunk);
    this.socket.uncork();
  }
}
