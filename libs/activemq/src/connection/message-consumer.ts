import { BrokerError, ConnectionClosedError, IllegalFrameError, ReceiptTimeoutError } from '../errors/index.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import { Deadline } from './deadline.js';
import { type ActiveSubscription, type DeliveringSubscription, type IncomingDelivery, SubscriptionDelivery } from './incoming-delivery.js';
import type { Link, LinkSession } from './link.js';
import { within } from './within.js';

/** What a {@link MessageConsumer} reports. */
export interface MessageConsumerObserver {
  onDelivery(delivery: IncomingDelivery): void;
  /** The broker has registered the subscription, for the first time or again. */
  onSubscribed(brokerUri: string): void;
  /** The broker refused the subscription; it is tried again after a pause. */
  onRefused(error: Error): void;
  /** What was delivered and not settled goes back to the broker. */
  onInterrupted(): void;
  /** Asked to begin nothing for a while, because the session is about to be left; default it has nothing to begin. */
  rest?(): Rest;
}

/** A time in which an observer begins nothing. */
export interface Rest {
  /** Resolves when nothing runs, with whether nothing is left that the end of the session would hand to somebody else. */
  readonly idle: Promise<boolean>;
  /** It may go on. */
  end(): void;
}

/** What to subscribe to. */
export interface MessageConsumerSettings {
  /** SUBSCRIBE headers, without `id`. */
  readonly headers: OutgoingHeaders;
  /** Whether the destination is a wildcard or a composite; default false. See `StompSession.subscribe`. */
  readonly isPattern?: boolean;
  /** ms between attempts when the broker refuses the subscription; Spring's `recoveryInterval`. */
  readonly recoveryInterval: number;
  /** ms that the broker may take to confirm the end of a subscription. */
  readonly receiptTimeout: number;
}

/**
 * One subscription kept alive: registered again on every new session of its link.
 *
 * It keeps no message: how many are with the observer at once is bounded by the `activemq.prefetchSize` header, by the broker.
 */
export class MessageConsumer {
  readonly #link: Link;
  readonly #settings: MessageConsumerSettings;
  readonly #observer: MessageConsumerObserver;
  readonly #nextId: () => string;
  #subscription: ActiveSubscription | undefined;
  #headers: OutgoingHeaders;
  #isRegistered = false;
  #retry: NodeJS.Timeout | undefined;
  #isStarted = false;
  /** The end of the subscription that was ended last. */
  #ending: Promise<void> | undefined;

  constructor(link: Link, nextId: () => string, settings: MessageConsumerSettings, observer: MessageConsumerObserver) {
    this.#link = link;
    this.#nextId = nextId;
    this.#settings = settings;
    this.#headers = settings.headers;
    this.#observer = observer;
  }

  /** Whether the broker has confirmed the subscription on the session that is open now. */
  get isSubscribed(): boolean {
    return this.#isRegistered;
  }

  /** Subscribes as soon as there is a session, and from then on each time there is a new one. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#link.start();
    if (this.#link.current) this.sessionOpened(this.#link.current);
  }

  /**
   * UNSUBSCRIBEs; what was delivered and not acknowledged goes back to the head of the queue.
   *
   * @param timeout ms to wait for the broker's receipt; default the connection's `receiptTimeout`
   * @throws ReceiptTimeoutError when the broker does not answer; the session is ended then, which ends the subscription too
   * @throws BrokerError when it refuses
   */
  async stop(timeout?: number): Promise<void> {
    this.#isStarted = false;
    clearTimeout(this.#retry);
    if (this.#subscription) await this.#unsubscribe(this.#subscription, timeout);
    // Whoever has begun to end it hears what became of that.
    else await within(timeout ?? this.#settings.receiptTimeout, Promise.allSettled([this.#ending]));
  }

  /** Subscribes with other headers from the next subscription on. */
  useHeaders(headers: OutgoingHeaders): void {
    this.#headers = headers;
  }

  /**
   * Ends the subscription and makes it anew: what was delivered and not acknowledged comes again, flagged `redelivered`.
   *
   * @throws what {@link stop} throws
   */
  async resubscribe(): Promise<void> {
    const subscription = this.#subscription;
    if (!subscription) return;
    try {
      await this.#unsubscribe(subscription);
    } catch (error) {
      // Whether it has ended nobody knows; a new session is the way back to a known state.
      subscription.link.session.destroy(error as Error);
      throw error;
    }
    if (this.#isStarted && this.#link.current) this.sessionOpened(this.#link.current);
  }

  /** Asks the observer to begin nothing; see {@link MessageConsumerObserver.rest}. */
  rest(): Rest {
    return this.#observer.rest?.() ?? { idle: Promise.resolve(true), end: () => undefined };
  }

  /** What the subscription of this moment has acknowledged in transactions: messages, and bytes of their bodies. */
  get transactedAcknowledgements(): { readonly messages: number; readonly bytes: number } {
    return this.#subscription?.transactedAcknowledgements ?? { messages: 0, bytes: 0 };
  }

  #unsubscribe(subscription: ActiveSubscription, timeout = this.#settings.receiptTimeout): Promise<void> {
    this.#forget();
    const ended = this.#endSubscription(subscription, timeout);
    this.#ending = ended;
    return ended;
  }

  async #endSubscription(subscription: ActiveSubscription, timeout: number): Promise<void> {
    const { session } = subscription.link;
    if (!session.isOpen) return;
    const deadline = new Deadline(timeout);
    try {
      // Made in several steps, it would be made after its end.
      if (this.#settings.isPattern && !(await this.#isRegistrationOver(subscription, deadline, timeout))) return;
      // Not between the ACK of a transaction and its COMMIT, which would be carried out without it. Forgotten, the subscription gets no other one.
      const turn = session.acknowledging.take().then((giveBack) => giveBack());
      if (!(await within(deadline.left, turn))) {
        throw new ReceiptTimeoutError(`UNSUBSCRIBE waited ${timeout} ms for a transaction to end`, timeout);
      }
      await session.unsubscribe(subscription.id, {}, deadline.left);
    } catch (error) {
      // The end of the session is the end of the subscription.
      if (error instanceof ConnectionClosedError) return;
      // Without an answer it may go on, and keep messages that nobody handles.
      if (!(error instanceof BrokerError)) session.destroy(error as Error);
      throw error;
    }
  }

  /** @returns whether there is a subscription to end */
  async #isRegistrationOver({ registered }: ActiveSubscription, deadline: Deadline, timeout: number): Promise<boolean> {
    if (!(await within(deadline.left, registered))) {
      throw new ReceiptTimeoutError(`UNSUBSCRIBE waited ${timeout} ms for the subscription to be made`, timeout);
    }
    return registered;
  }

  /** The link has a new session. */
  sessionOpened(link: LinkSession): void {
    if (this.#isStarted && this.#subscription?.link !== link) void this.#subscribe(link);
  }

  /** The link lost its session. */
  sessionLost(): void {
    clearTimeout(this.#retry);
    if (this.#subscription) this.#forget();
  }

  async #subscribe(link: LinkSession): Promise<void> {
    const isCurrent = () => this.#subscription === subscription && link.session.isOpen;
    const delivering: DeliveringSubscription = {
      get isCurrent() {
        return isCurrent();
      },
    };
    let onRegistered!: (isRegistered: boolean) => void;
    const subscription: ActiveSubscription = {
      id: this.#nextId(),
      link,
      registered: new Promise((resolve) => (onRegistered = resolve)),
      delivering,
      nextTransactionId: () => `${this.#nextId()}-tx`,
      transactedAcknowledgements: { messages: 0, bytes: 0 },
    };
    this.#subscription = subscription;
    try {
      const onMessage = (frame: StompFrame) => {
        if (this.#subscription === subscription) this.#observer.onDelivery(new SubscriptionDelivery(frame, subscription));
      };
      await link.session.subscribe(subscription.id, this.#headers, onMessage, this.#settings.isPattern);
      onRegistered(true);
      if (this.#subscription !== subscription) return;
      this.#isRegistered = true;
      this.#observer.onSubscribed(link.uri.toString());
    } catch (error) {
      onRegistered(false);
      this.#onSubscribeFailed(subscription, error as Error);
    }
  }

  #onSubscribeFailed(subscription: ActiveSubscription, error: Error): void {
    if (this.#subscription !== subscription) return;
    this.#forget();
    if (!subscription.link.session.isOpen) return;
    this.#observer.onRefused(error);
    // Without an answer nobody knows whether the subscription exists; a new session is the way back to a known state.
    const wasAnswered = error instanceof BrokerError || error instanceof IllegalFrameError;
    if (!wasAnswered) subscription.link.session.destroy(error);
    else if (this.#isStarted) this.#retry = setTimeout(() => this.sessionOpened(subscription.link), this.#settings.recoveryInterval);
  }

  #forget(): void {
    this.#subscription = undefined;
    this.#isRegistered = false;
    this.#observer.onInterrupted();
  }
}
