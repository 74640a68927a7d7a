import { randomBytes } from 'node:crypto';
import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../../../libs/activemq/src/stomp/stomp-session.js';
import { Inbox } from './inbox.js';
import { Subscription } from './subscription.js';

/** Ways through another queue after which everything that could have come has come. */
const FENCE_HOPS = 3;

/** A session and the few moves the tests are made of. */
export class TestClient {
  #ids = 0;
  #fence: { readonly destination: string; readonly inbox: Inbox<StompFrame> } | undefined;

  constructor(readonly session: StompSession) {}

  /** SENDs with a receipt; `persistent:true` unless the headers say otherwise. */
  async send(destination: string, body = '', headers: OutgoingHeaders = {}): Promise<void> {
    await this.session.request('SEND', sendHeaders(destination, headers), Buffer.from(body));
  }

  /** SENDs each body, all confirmed. */
  async sendAll(destination: string, bodies: readonly string[], headers: OutgoingHeaders = {}): Promise<void> {
    await Promise.all(bodies.map(async (body) => this.send(destination, body, headers)));
  }

  /** SENDs without a receipt. */
  post(destination: string, body = '', headers: OutgoingHeaders = {}): void {
    this.session.write('SEND', sendHeaders(destination, headers), Buffer.from(body));
  }

  /** SUBSCRIBEs (`ack:client-individual` unless the headers say otherwise) and resolves when the broker has confirmed it. */
  async subscribe(destination: string, headers: OutgoingHeaders = {}): Promise<Subscription> {
    const subscription = new Subscription(this, headers['id'] ?? `s${++this.#ids}`, destination);
    await this.session.subscribe(subscription.id, { ack: 'client-individual', ...headers, destination }, (frame) =>
      subscription.messages.put(frame),
    );
    return subscription;
  }

  /** ACKs one delivery. */
  async ack(message: StompFrame, transaction?: string): Promise<void> {
    await this.session.request('ACK', { id: message.headers['ack'], transaction });
  }

  /** NACKs one delivery. */
  async nack(message: StompFrame, headers: OutgoingHeaders = {}): Promise<void> {
    await this.session.request('NACK', { id: message.headers['ack'], ...headers });
  }

  /** BEGINs a transaction and gives its name. */
  async begin(): Promise<string> {
    const transaction = `tx${++this.#ids}`;
    await this.session.request('BEGIN', { transaction });
    return transaction;
  }

  /** COMMITs. */
  async commit(transaction: string): Promise<void> {
    await this.session.request('COMMIT', { transaction });
  }

  /** ABORTs. */
  async abort(transaction: string): Promise<void> {
    await this.session.request('ABORT', { transaction });
  }

  /** Everything a browser is shown, until the broker says that it was all. */
  async browse(destination: string, selector?: string): Promise<StompFrame[]> {
    const browser = await this.subscribe(destination, { browser: 'true', ack: 'auto', selector });
    const seen: StompFrame[] = [];
    for (;;) {
      const message = await browser.next();
      // Any message may have the header.
      if (message.headers['browser'] === 'end' && message.headers['message-id'] === '0') break;
      seen.push(message);
    }
    await browser.unsubscribe();
    return seen;
  }

  /** The bodies on a queue. */
  async bodiesOn(destination: string, selector?: string): Promise<string[]> {
    const messages = await this.browse(destination, selector);
    return messages.map(text);
  }

  /**
   * Resolves when everything the broker had to deliver to this connection has arrived: messages sent after it went through another queue
   * several times and came back.
   */
  async fence(): Promise<void> {
    if (this.#fence === undefined) {
      // Below app., where the user of the guarded brokers may do what it likes.
      const destination = `/queue/app.fence.${randomBytes(6).toString('hex')}`;
      const inbox = new Inbox<StompFrame>('fence message');
      await this.session.subscribe('fence', { destination }, (frame) => inbox.put(frame));
      this.#fence = { destination, inbox };
    }
    for (let hop = 0; hop < FENCE_HOPS; hop++) {
      this.session.write('SEND', { destination: this.#fence.destination });
      await this.#fence.inbox.next();
    }
  }

  /** Ends as a process does that dies: the socket closes, nothing is said. */
  kill(): void {
    this.session.destroy();
  }
}

function sendHeaders(destination: string, headers: OutgoingHeaders): OutgoingHeaders {
  return { persistent: 'true', ...headers, destination };
}

/** A message's body. */
export function text({ body }: StompFrame): string {
  return body.toString();
}

/** Messages' bodies. */
export function texts(messages: readonly StompFrame[]): string[] {
  return messages.map(text);
}
