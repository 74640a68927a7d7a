import { BrokerError, ConnectionClosedError, IllegalFrameError } from '../errors/index.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { Link, LinkSession } from './link.js';

/** The subscription, on one session, that delivered messages; small enough to be kept when they are not. */
export interface DeliveringSubscription {
  /** False once it has ended: the broker has taken back what was not acknowledged, and may deliver it again. */
  readonly isCurrent: boolean;
}

/** A MESSAGE frame, bound to the epoch that delivered it. */
export interface IncomingDelivery {
  readonly frame: StompFrame;
  readonly epoch: number;
  readonly brokerUri: string;
  /** What delivered it: while that is current the message cannot be delivered again. */
  readonly subscription: DeliveringSubscription;
  /** False once the broker has taken the message back: its connection or subscription is gone. */
  readonly isCurrent: boolean;
  /** Writes the ACK; false, and nothing is written, when the delivery is no longer current. */
  acknowledge(): boolean;
  /**
   * Writes the ACK and waits for its receipt; false, and nothing is written, when the delivery is no longer current.
   *
   * @throws what the session throws: after a BrokerError the message is not acknowledged, after anything else nobody knows
   */
  confirmAcknowledgement(): Promise<boolean>;
  /**
   * Writes a NACK, which makes ActiveMQ dead-letter the message, and waits for its receipt; false when no longer current.
   *
   * @throws what the session throws: then nobody knows what became of the message
   */
  reject(): Promise<boolean>;
}

/** What a {@link MessageConsumer} reports. */
export interface MessageConsumerObserver {
  onDelivery(delivery: IncomingDelivery): void;
  /** The broker has registered the subscription, for the first time or again. */
  onSubscribed(brokerUri: string): void;
  /** The broker refused the subscription; it is tried again after a pause. */
  onRefused(error: Error): void;
  /** What was delivered and not settled goes back to the broker. */
  onInterrupted(): void;
}

/** What to subscribe to. */
export interface MessageConsumerSettings {
  /** SUBSCRIBE headers, without `id`. */
  readonly headers: OutgoingHeaders;
  /** Whether the destination is a wildcard or a composite; default false. See `StompSession.subscribe`. */
  readonly isPattern?: boolean;
  /** ms between attempts when the broker refuses the subscription; Spring's `recoveryInterval`. */
  readonly recoveryInterval: number;
}

interface Subscription {
  readonly id: string;
  readonly link: LinkSession;
  readonly delivering: DeliveringSubscription;
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
  #subscription: Subscription | undefined;
  #isRegistered = false;
  #retry: NodeJS.Timeout | undefined;
  #isStarted = false;

  constructor(link: Link, nextId: () => string, settings: MessageConsumerSettings, observer: MessageConsumerObserver) {
    this.#link = link;
    this.#nextId = nextId;
    this.#settings = settings;
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
    const subscription = this.#subscription;
    if (!subscription) return;
    this.#forget();
    const { session } = subscription.link;
    if (!session.isOpen) return;
    try {
      await session.unsubscribe(subscription.id, {}, timeout);
    } catch (error) {
      // The end of the session is the end of the subscription.
      if (error instanceof ConnectionClosedError) return;
      // Without an answer it may go on, and keep messages that nobody handles.
      if (!(error instanceof BrokerError)) session.destroy(error as Error);
      throw error;
    }
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
    const subscription: Subscription = { id: this.#nextId(), link, delivering };
    this.#subscription = subscription;
    try {
      const onMessage = (frame: StompFrame) => {
        if (this.#subscription === subscription) this.#observer.onDelivery(this.#delivery(frame, subscription));
      };
      await link.session.subscribe(subscription.id, this.#settings.headers, onMessage, this.#settings.isPattern);
      if (this.#subscription !== subscription) return;
      this.#isRegistered = true;
      this.#observer.onSubscribed(link.uri.toString());
    } catch (error) {
      this.#onSubscribeFailed(subscription, error as Error);
    }
  }

  #onSubscribeFailed(subscription: Subscription, error: Error): void {
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

  #delivery(frame: StompFrame, subscription: Subscription): IncomingDelivery {
    const { session, epoch, uri } = subscription.link;
    const isCurrent = () => subscription.delivering.isCurrent;
    // Only the id: longer ACKs were seen to stall ActiveMQ with large prefetch windows.
    const headers = { id: frame.headers['ack'] };
    return {
      frame,
      epoch,
      brokerUri: uri.toString(),
      subscription: subscription.delivering,
      get isCurrent() {
        return isCurrent();
      },
      acknowledge: () => {
        if (!isCurrent()) return false;
        try {
          session.write('ACK', headers);
        } catch (error) {
          // The socket was gone and had not told so yet.
          if (error instanceof ConnectionClosedError) return false;
          throw error;
        }
        return true;
      },
      confirmAcknowledgement: async () => {
        if (!isCurrent()) return false;
        await session.request('ACK', headers);
        return true;
      },
      reject: async () => {
        if (!isCurrent()) return false;
        await session.request('NACK', headers);
        return true;
      },
    };
  }
}
