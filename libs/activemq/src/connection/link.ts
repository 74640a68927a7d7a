import { AsyncResource } from 'node:async_hooks';

import { ActiveMqError, ConnectError, ConnectionClosedError } from '../errors/index.js';
import type { BrokerUri } from '../stomp/broker-uri.js';
import type { ConnectedSession, FailoverConnector } from '../stomp/failover-connector.js';
import type { StompSession } from '../stomp/stomp-session.js';

/** A session of a link, with the epoch it belongs to: what one epoch delivered is settled in it or not at all. */
export interface LinkSession {
  readonly epoch: number;
  readonly uri: BrokerUri;
  readonly session: StompSession;
}

/** What a {@link Link} reports to its connection. */
export interface LinkObserver {
  /** It begins to look for a broker, for the first time or after it gave up. */
  onStarted(): void;
  onOpen(link: LinkSession): void;
  onLost(uri: BrokerUri, reason: Error): void;
  onGaveUp(reason: Error): void;
}

/** ms that a broker may take to confirm what it was sent before it is left for a priority broker. */
const LEAVE_TIMEOUT = 5_000;

type Opened = Pick<ConnectedSession<StompSession>, 'session' | 'uri'>;

interface Waiter {
  readonly resolve: (session: LinkSession) => void;
  readonly reject: (error: Error) => void;
}

/** One STOMP session kept alive: when it dies the link looks for the next broker by itself, in a new epoch. */
export class Link {
  readonly #connector: FailoverConnector<StompSession>;
  readonly #observer: LinkObserver;
  readonly #closing = new AbortController();
  /**
   * Where it works, whoever starts it: what a socket or a timer brings runs in the asynchronous context that these were made in, and that of a
   * caller may be a transaction, of this connection or another, that is over by then.
   */
  readonly #ownContext = new AsyncResource('Link');
  readonly #waiters = new Set<Waiter>();
  #running: Promise<void> | undefined;
  /** What senders and consumers are given; none while the session is being left. */
  #current: LinkSession | undefined;
  #session: StompSession | undefined;
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

  /** Why the broker that was tried last could not be reached; `undefined` when none has failed. */
  get lastFailure(): string | undefined {
    return this.#connector.lastFailure;
  }

  /** Whether the link was started and not closed. */
  get isStarted(): boolean {
    return this.#running !== undefined && !this.#closing.signal.aborted;
  }

  /** Begins to connect, in the background; a link that gave up tries anew. */
  start(): void {
    if (this.#closing.signal.aborted) return;
    if (this.#running) return;
    this.#gaveUp = undefined;
    this.#running = this.#ownContext.runInAsyncScope(() => this.#run());
    this.#observer.onStarted();
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

  /**
   * DISCONNECTs a session for another one: what was written to it is confirmed first, and from here on who asks for a session waits for the next.
   * Nothing happens when it is the current one no more.
   *
   * @param timeout ms that the broker may take to confirm
   * @throws what DISCONNECT failed with; the session has ended all the same
   */
  async leave(left: LinkSession, reason: Error, timeout: number = LEAVE_TIMEOUT): Promise<void> {
    if (this.current !== left) return;
    this.#current = undefined;
    await left.session.disconnect(timeout, reason);
  }

  /** Moves to another broker: ends the session as if it had died. */
  reconnect(reason: Error): void {
    this.#session?.destroy(reason);
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
    const session = this.#session;
    const running = this.#running;
    try {
      await session?.disconnect(timeout);
    } finally {
      session?.destroy();
      await running;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let opened: Opened | undefined;
    while (!signal.aborted) {
      try {
        opened ??= await this.#connector.connect(signal);
      } catch (error) {
        if (!signal.aborted) this.#giveUp(error);
        return;
      }
      if (!signal.aborted) opened = await this.#live(opened);
    }
    opened?.session.destroy();
  }

  /** Resolves when the session has ended; with a session to go on with when it was left for a priority broker. */
  async #live({ session, uri }: Opened): Promise<Opened | undefined> {
    // A session that died on the way here was never reported, and is not reported as lost.
    if (!session.isOpen) return undefined;
    const current: LinkSession = { epoch: ++this.#epoch, uri, session };
    session.onUseful = () => this.#connector.succeeded();
    this.#session = session;
    this.#current = current;
    this.#observer.onOpen(current);
    for (const waiter of this.#waiters) waiter.resolve(current);
    this.#waiters.clear();
    const ended = new AbortController();
    const better = this.#watchPriority(current, ended.signal);
    const reason = await session.closed;
    ended.abort(reason);
    this.#session = undefined;
    this.#current = undefined;
    if (!this.#closing.signal.aborted) this.#observer.onLost(uri, reason);
    return better;
  }

  async #watchPriority(current: LinkSession, ended: AbortSignal): Promise<Opened | undefined> {
    const better = await this.#connector.watchPriority(current.uri, ended);
    if (better) {
      const reason = new ConnectionClosedError(
        `${current.uri.toString()} is left: the priority broker ${better.uri.toString()} can be reached again`,
      );
      // Without the receipt it is left all the same, and what was not confirmed is sent again.
      await Promise.allSettled([this.leave(current, reason)]);
    }
    return better;
  }

  #giveUp(error: unknown): void {
    const reason = error instanceof ActiveMqError ? error : new ConnectError('Could not connect to any broker', { cause: error });
    this.#gaveUp = reason;
    this.#running = undefined;
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
