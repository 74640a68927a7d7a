import { connect } from 'node:net';

import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import { openStompSession } from '../../../libs/activemq/src/stomp/open-stomp-session.js';
import type { StompSession } from '../../../libs/activemq/src/stomp/stomp-session.js';

/** A STOMP client of its own beside the framework: what the broker really holds, and messages no template would send. */
export class RawClient {
  readonly #session: StompSession;
  #lastId = 0;

  private constructor(session: StompSession) {
    this.#session = session;
  }

  /** Connects to a STOMP port of 127.0.0.1. */
  static async connect(port: number, login?: string, passcode?: string): Promise<RawClient> {
    const session = await openStompSession({
      peer: `stomp://127.0.0.1:${port}`,
      openTransport: () =>
        new Promise((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket)).setNoDelay(true);
          socket.once('error', reject);
        }),
      virtualHost: '127.0.0.1',
      login,
      passcode,
      heartBeat: { outgoing: 0, incoming: 0 },
      connectTimeout: 10_000,
      receiptTimeout: 10_000,
    });
    return new RawClient(session);
  }

  /** Sends one message, and resolves when it is stored. */
  async send(queue: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#session.request('SEND', { destination: `/queue/${queue}`, persistent: 'true', ...headers }, Buffer.from(body));
  }

  /** The messages that lie on a queue, those in flight included. */
  async browse(queue: string): Promise<readonly StompFrame[]> {
    const id = `b${++this.#lastId}`;
    const found: StompFrame[] = [];
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    await this.#session.subscribe(id, { destination: `/queue/${queue}`, browser: 'true', ack: 'auto' }, (frame) => {
      if (frame.headers['browser'] === 'end') end();
      else found.push(frame);
    });
    await ended;
    await this.#session.unsubscribe(id);
    return found;
  }

  /** The bodies that lie on a queue. */
  async bodies(queue: string): Promise<readonly string[]> {
    return (await this.browse(queue)).map(({ body }) => body.toString());
  }

  /** Takes messages from a queue and acknowledges none: the list grows as they come. */
  async take(queue: string, prefetch = 100): Promise<{ readonly frames: readonly StompFrame[]; stop: () => Promise<void> }> {
    const id = `t${++this.#lastId}`;
    const frames: StompFrame[] = [];
    const headers = { destination: `/queue/${queue}`, ack: 'client-individual', 'activemq.prefetchSize': String(prefetch) };
    await this.#session.subscribe(id, headers, (frame) => void frames.push(frame));
    return { frames, stop: () => this.#session.unsubscribe(id) };
  }

  /** How many messages the broker's scheduler keeps back. There is no end marker: they are counted until none came for a while. */
  async scheduledJobs(silence = 300): Promise<number> {
    const id = `j${++this.#lastId}`;
    const replies = `/temp-queue/${id}`;
    let count = 0;
    let onReply: () => void = () => undefined;
    await this.#session.subscribe(id, { destination: replies, ack: 'auto' }, () => {
      count++;
      onReply();
    });
    const headers = { destination: '/topic/ActiveMQ.Scheduler.Management', AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': replies };
    await this.#session.request('SEND', headers, Buffer.alloc(0));
    for (let came = true; came;) {
      came = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), silence);
        onReply = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
    }
    await this.#session.unsubscribe(id);
    return count;
  }

  /** Refuses a message by its `ack` header. */
  async nack(id: string): Promise<void> {
    await this.#session.request('NACK', { id });
  }

  /** Hears a destination of any kind, as written in frames, and acknowledges as it is delivered: the list grows as they come. */
  async hear(destination: string): Promise<readonly StompFrame[]> {
    const frames: StompFrame[] = [];
    await this.#session.subscribe(`h${++this.#lastId}`, { destination, ack: 'auto' }, (frame) => void frames.push(frame));
    return frames;
  }

  /** Disconnects. */
  async close(): Promise<void> {
    await this.#session.disconnect();
  }
}
