import { ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { LinkSession } from './link.js';
import { SessionTransaction } from './session-transaction.js';

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
  /**
   * Sends another message and acknowledges this one in one transaction, so that exactly one of them exists whoever dies; false when no longer current.
   *
   * @throws BrokerError when the broker refuses: nothing has happened
   * @throws ConnectionClosedError or ReceiptTimeoutError when it does not confirm: one of the two exists, and when it is this one it is delivered again
   */
  replaceWith(headers: OutgoingHeaders, body: Buffer): Promise<boolean>;
  /** A transaction in which {@link acknowledgeIn} works. */
  begin(): SessionTransaction;
  /**
   * Adds the acknowledgement to a transaction that {@link begin} made; rejects as a step of it does.
   *
   * @throws ConnectionClosedError when the delivery is no longer current: nothing of the transaction happens
   */
  acknowledgeIn(transaction: SessionTransaction): Promise<void>;
}

/** One subscription on one session, as its deliveries see it. */
export interface ActiveSubscription {
  readonly id: string;
  readonly link: LinkSession;
  readonly delivering: DeliveringSubscription;
  /** Resolves when the broker has answered the SUBSCRIBE, with whether it has taken it. */
  readonly registered: Promise<boolean>;
  /** Names a new transaction. */
  readonly nextTransactionId: () => string;
  /** What was acknowledged in transactions: of a `client-individual` subscription ActiveMQ keeps it until the session ends. */
  readonly transactedAcknowledgements: { messages: number; bytes: number };
}

/** The broker has taken the message back: the transaction in which it was to be acknowledged is void. */
class SubscriptionEndedError extends ConnectionClosedError {
  constructor() {
    super('The subscription that delivered the message has ended: the broker delivers it again');
  }
}

/** A delivery of a {@link ActiveSubscription}. */
export class SubscriptionDelivery implements IncomingDelivery {
  readonly frame: StompFrame;
  readonly #subscription: ActiveSubscription;

  constructor(frame: StompFrame, subscription: ActiveSubscription) {
    this.frame = frame;
    this.#subscription = subscription;
  }

  get epoch(): number {
    return this.#subscription.link.epoch;
  }

  get brokerUri(): string {
    return this.#subscription.link.uri.toString();
  }

  get subscription(): DeliveringSubscription {
    return this.#subscription.delivering;
  }

  get isCurrent(): boolean {
    return this.#subscription.delivering.isCurrent;
  }

  acknowledge(): boolean {
    if (!this.isCurrent) return false;
    try {
      this.#session.write('ACK', this.#headers);
    } catch (error) {
      // The socket was gone and had not told so yet.
      if (error instanceof ConnectionClosedError) return false;
      throw error;
    }
    return true;
  }

  async confirmAcknowledgement(): Promise<boolean> {
    if (!this.isCurrent) return false;
    await this.#session.request('ACK', this.#headers);
    return true;
  }

  async reject(): Promise<boolean> {
    if (!this.isCurrent) return false;
    try {
      await this.#session.request('NACK', this.#headers);
    } catch (error) {
      // It may have been taken: told again, it would be refused for ever. What the broker still has comes again on the next session.
      if (error instanceof ReceiptTimeoutError) this.#session.destroy(error);
      throw error;
    }
    return true;
  }

  async replaceWith(headers: OutgoingHeaders, body: Buffer): Promise<boolean> {
    if (!this.isCurrent) return false;
    const transaction = this.begin();
    // The ACK is written after the receipt of the SEND; whether one of them is refused is found out by the commit.
    const [, acknowledged] = await Promise.allSettled([transaction.send(headers, body), this.acknowledgeIn(transaction)]);
    try {
      await transaction.commit();
    } catch (error) {
      if (acknowledged.status === 'rejected' && acknowledged.reason === error && error instanceof SubscriptionEndedError) return false;
      throw error;
    }
    return true;
  }

  begin(): SessionTransaction {
    return new SessionTransaction(this.#session, this.#subscription.nextTransactionId(), this.#session.acknowledging);
  }

  acknowledgeIn(transaction: SessionTransaction): Promise<void> {
    return transaction.acknowledge(this.frame.headers['ack'], () => {
      // ActiveMQ confirms an ACK for a subscription that has ended and ignores it: COMMIT would carry out the rest without it.
      if (!this.isCurrent) throw new SubscriptionEndedError();
      this.#subscription.transactedAcknowledgements.messages++;
      this.#subscription.transactedAcknowledgements.bytes += this.frame.body.length;
    });
  }

  get #session() {
    return this.#subscription.link.session;
  }

  /** Only the id: longer ACKs were seen to stall ActiveMQ with large prefetch windows. */
  get #headers(): OutgoingHeaders {
    return { id: this.frame.headers['ack'] };
  }
}
