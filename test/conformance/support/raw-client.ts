import type { Duplex } from 'node:stream';
import { FrameParser } from '../../../libs/activemq/src/stomp/frame-parser.js';
import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import type { Fate } from './differences.js';
import { Inbox } from './inbox.js';

/** A connection that says exactly what a test says: bytes out, frames in. */
export class RawClient {
  /** Frames that came. */
  readonly frames = new Inbox<StompFrame>('frame');
  /** When bytes came, heart-beats included, in ms of `performance.now()`. */
  readonly readAt: number[] = [];
  /** Resolves when the broker closed the connection. */
  readonly closed: Promise<void>;
  #onRead: () => void = () => undefined;

  constructor(private readonly transport: Duplex) {
    const parser = new FrameParser((frame) => this.frames.put(frame));
    transport.on('data', (chunk: Buffer) => {
      this.readAt.push(performance.now());
      this.#onRead();
      parser.push(chunk);
    });
    this.closed = new Promise((resolve) => {
      transport.once('end', resolve).once('close', resolve);
      // A reset is a close as well.
      transport.on('error', () => resolve());
    });
  }

  /** Writes one frame as it is given, head lines first, nothing escaped, no `content-length`. */
  write(head: readonly string[], body: string | Buffer = ''): void {
    this.transport.write(Buffer.concat([Buffer.from(`${head.join('\n')}\n\n`), Buffer.from(body), Buffer.from([0])]));
  }

  /** Says CONNECT with these header lines and waits for the broker's answer, whatever it is. */
  async connect(...headers: readonly string[]): Promise<StompFrame> {
    this.write(['CONNECT', 'host:localhost', ...headers]);
    return this.frames.next();
  }

  /** Says CONNECT and SUBSCRIBE without a receipt; the messages are among the frames. */
  async subscribeUnconfirmed(destination: string, ack: 'auto' | 'client' = 'auto'): Promise<void> {
    await this.connect('accept-version:1.2');
    this.write(['SUBSCRIBE', 'id:1', `destination:${destination}`, `ack:${ack}`]);
  }

  /** Resolves when bytes have come `times` times in all; the test's own timeout is the deadline. */
  async read(times: number): Promise<void> {
    while (this.readAt.length < times) await new Promise<void>((resolve) => (this.#onRead = resolve));
  }

  /** Whether the broker still answers on this connection, or has closed it. */
  async fate(): Promise<Fate> {
    this.write(['SEND', 'destination:/topic/nobody.listens', 'receipt:fate']);
    const answered = this.frames.next().then(
      ({ headers }): Fate | undefined => (headers['receipt-id'] === 'fate' ? 'open' : undefined),
      () => undefined,
    );
    const fate = await Promise.race([answered, this.closed.then((): Fate => 'closed')]);
    if (fate === undefined) throw new Error('The broker neither answered a SEND nor closed the connection');
    return fate;
  }

  /** Closes at once, without DISCONNECT. */
  destroy(): void {
    this.transport.destroy();
  }
}
