import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import type { OutgoingHeaders } from '../../../libs/activemq/src/stomp/stomp-session.js';
import { Inbox } from './inbox.js';
import type { TestClient } from './test-client.js';

/** A subscription of a {@link TestClient} and what it has received. */
export class Subscription {
  readonly messages: Inbox<StompFrame>;

  constructor(
    private readonly client: TestClient,
    readonly id: string,
    readonly destination: string,
  ) {
    this.messages = new Inbox(`message from ${destination}`);
  }

  /** The next message; fails when none comes within `patience` ms (default 10 000). */
  async next(patience?: number): Promise<StompFrame> {
    return this.messages.next(patience);
  }

  /** The next messages. */
  async take(count: number): Promise<StompFrame[]> {
    return this.messages.take(count);
  }

  /** The bodies of the next messages. */
  async bodies(count: number): Promise<string[]> {
    const messages = await this.messages.take(count);
    return messages.map(({ body }) => body.toString());
  }

  /** The bodies of all messages that wait here or still come before a fence: `[]` proves that nothing came. */
  async stray(): Promise<string[]> {
    await this.client.fence();
    return this.messages.peek().map(({ body }) => body.toString());
  }

  /** UNSUBSCRIBEs; unacknowledged messages go back. */
  async unsubscribe(headers: OutgoingHeaders = {}): Promise<void> {
    await this.client.session.unsubscribe(this.id, headers);
  }
}
