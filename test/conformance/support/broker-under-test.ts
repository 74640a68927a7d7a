import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { BrokerError } from '../../../libs/activemq/src/errors/index.js';
import { openStompSession } from '../../../libs/activemq/src/stomp/open-stomp-session.js';
import type { StompSession } from '../../../libs/activemq/src/stomp/stomp-session.js';
import { RawClient } from './raw-client.js';
import { TestClient } from './test-client.js';

/** How to log in to a broker under test. */
export interface OpenOptions {
  readonly login?: string;
  readonly passcode?: string;
  readonly clientId?: string;
  /** Ms, client's `heart-beat` header; default none. */
  readonly heartBeat?: { readonly outgoing: number; readonly incoming: number };
  /** Told of each ERROR frame that answers no command with a receipt. */
  readonly onUncorrelatedError?: (error: BrokerError) => void;
}

/** A broker that the suite runs on: a real ActiveMQ, or the embedded one. */
export class BrokerUnderTest {
  constructor(
    /** Stands in the titles of the tests. */
    readonly name: string,
    /** `embedded`, or the version of the real ActiveMQ. */
    readonly version: string,
    private readonly openTransport: (signal: AbortSignal) => Promise<Duplex>,
    private readonly credentials: Pick<OpenOptions, 'login' | 'passcode'> = {},
  ) {}

  /** Opens a session as the framework does; it is destroyed when the test ends. */
  async open(options: OpenOptions = {}): Promise<StompSession> {
    const session = await this.openForLong(options);
    onTestFinished(() => session.destroy());
    return session;
  }

  /** Opens a session that stays until its opener ends it, for more than one test. */
  async openForLong(options: OpenOptions = {}): Promise<StompSession> {
    const { heartBeat = { outgoing: 0, incoming: 0 }, onUncorrelatedError, ...login } = options;
    const session = await openStompSession({
      peer: `stomp://${this.name}`,
      openTransport: this.openTransport,
      virtualHost: 'localhost',
      heartBeat,
      connectTimeout: 15_000,
      receiptTimeout: 15_000,
      ...this.credentials,
      ...login,
    });
    session.onUncorrelatedError = onUncorrelatedError;
    return session;
  }

  /** Opens a session with what the tests need around it. */
  async client(options: OpenOptions = {}): Promise<TestClient> {
    const session = await this.open(options);
    return new TestClient(session);
  }

  /** Opens a bare connection: nothing is written, nothing is interpreted but the frames that come. */
  async raw(): Promise<RawClient> {
    const transport = await this.openTransport(AbortSignal.timeout(15_000));
    onTestFinished(() => void transport.destroy());
    return new RawClient(transport);
  }
}
