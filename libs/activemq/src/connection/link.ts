import { ActiveMqError, ConnectError, ConnectionClosedError } from '../errors/index.js';
import type { BrokerUri } from '../stomp/broker-uri.js';
import type { FailoverConnector } from '../stomp/failover-connector.js';
import type { StompSession } from '../stomp/stomp-session.js';

/** A session of a link, with the epoch it belongs to: what one epoch delivered is settled in it or not at all. */
export interface LinkSession {
  readonly epoch: number;
  readonly uri: BrokerUri;
  readonly session: StompSession;
}

/** What a {@link Link} reports to its connection. */
export interface LinkObserver {
  onOpen(link: LinkSession): void;
  onLost(uri: BrokerUri, reason: Error): void;
  onGaveUp(reason: Error): void;
}

interface Waiter {
  readonly resolve: (session: LinkSession) => void;
  readonly reject: (error: Error) => void;
}

/** One STOMP session kept alive: when it dies the link looks for the next broker by itself, in a new epoch. */
export class Link {
  readonly #connector: FailoverConnector<StompSession>;
  readonly #observer: LinkObserver;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<Waiter>();
  #running: Promise<void> | undefined;
  #current: LinkSession | undefined;
  #epoch = 0;
  #gaveUp: Error | undefined;

  constructor(connector: FailoverConnector<StompSession>, observer: LinkObserver) {
    this.#connector = connector;
    this.#observer = observer;
  }

  /** The open session, if there is one right now. */
  get current(): LinkSession | undefined {
    return this.#current?.session.isOpen ? this.#current : undefined;
  }

  /** Whether the link was started and not closed. */
  get isStarted(): boolean {
    return this.#running !== undefined && !this.#closing.signal.aborted;
  }

  /** Begins to connect, in the background; a link that gave up tries anew. */
  start(): void {
    if (this.#closing.signal.aborted) return;
    this.#gaveUp = undefined;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /**
   * The open session, now or as soon as there is one.
   *
   * @param signal stops waiting
   * @throws ConnectError when the link gave up
   * @throws ConnectionClosedError when the link is closed
   */
  session(signal?: AbortSignal): Promise<LinkSession> {
    const { current } = this;
    if (current) return Promise.resolve(current);
    if (this.#closing.signal.aborted) return Promise.reject(closedError());
    if (this.#gaveUp) return Promise.reject(this.#gaveUp);
    this.start();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        resolve: (session) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(session);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves to another broker: ends the session as if it had died. */
  reconnect(reason: Error): void {
    this.#current?.session.destroy(reason);
  }

  /**
   * Ends the session and stops reconnecting.
   *
   * @param timeout ms to wait for the broker's receipt of DISCONNECT
   */
  async close(timeout: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closedError());
    this.#rejectWaiters(closedError());
    const session = this.#current?.session;
    try {
      await session?.disconnect(timeout);
    } finally {
      session?.destroy();
      await this.#running;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      let opened: { session: StompSession; uri: BrokerUri };
      try {
        opened = await this.#connector.connect(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#giveUp(error);
        return;
      }
      if (signal.aborted) {
        opened.session.destroy();
        return;
      }
      await this.#live(opened);
    }
  }

  async #live({ session, uri }: { session: StompSession; uri: BrokerUri }): Promise<void> {
    const current: LinkSession = { epoch: ++this.#epoch, uri, session };
    if (session.isOpen) {
      session.onUseful = () => this.#connector.succeeded();
      this.#current = current;
      this.#observer.onOpen(current);
      for (const waiter of this.#waiters) waiter.resolve(current);
      this.#waiters.clear();
    }
    const reason = await session.closed;
    this.#current = undefined;
    if (!this.#closing.signal.aborted) this.#observer.onLost(uri, reason);
  }

  #giveUp(error: unknown): void {
    const reason = error instanceof ActiveMqError ? error : new ConnectError('Could not connect to any broker', { cause: error });
    this.#gaveUp = reason;
    this.#rejectWaiters(reason);
    this.#observer.onGaveUp(reason);
  }

  #rejectWaiters(error: Error): void {
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }
}

function closedError(): ConnectionClosedError {
  return new ConnectionClosedError('The connection is closed', { retryable: false });
}
