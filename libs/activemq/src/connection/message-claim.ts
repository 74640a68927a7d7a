import { ConnectionClosedError } from '../errors/index.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import { browseQueue } from './browse-queue.js';
import { SessionTransaction } from './session-transaction.js';
import { WakeUp } from './wake-up.js';

/** Which messages of a queue to claim. */
export interface MessageClaimSettings {
  readonly selector?: string | undefined;
  /** Messages that the broker hands over at once; those that were not settled go back, flagged as redelivered. */
  readonly window: number;
}

/** ms to wait for a message before the broker is asked whether there is one. */
const PATIENCE = 50;

/**
 * Messages of one queue, taken one by one on one session, and settled in their order: one that is left out ends the claim.
 *
 * Its acknowledgements are cumulative (`ack:client`). With `client-individual` ActiveMQ keeps every message that was acknowledged in a
 * transaction in memory until the connection ends, and an UNSUBSCRIBE does not help.
 */
export class MessageClaim {
  readonly #session: StompSession;
  readonly #id: string;
  readonly #destination: string;
  readonly #settings: MessageClaimSettings;
  readonly #timeout: number;
  readonly #frames: StompFrame[] = [];
  readonly #arrival = new WakeUp();
  #transactions = 0;

  private constructor(session: StompSession, id: string, destination: string, settings: MessageClaimSettings, timeout: number) {
    this.#session = session;
    this.#id = id;
    this.#destination = destination;
    this.#settings = settings;
    this.#timeout = timeout;
  }

  /** Whether its session is open, and what was claimed still ours. */
  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  /** Why its session has ended; resolves when it has. */
  async lost(): Promise<ConnectionClosedError> {
    const reason = await this.#session.closed;
    return reason instanceof ConnectionClosedError ? reason : new ConnectionClosedError(reason.message, { cause: reason });
  }

  /**
   * SUBSCRIBEs.
   *
   * @param timeout ms for each answer of the broker
   * @throws what the session throws
   */
  static async open(
    session: StompSession,
    id: string,
    destination: string,
    settings: MessageClaimSettings,
    timeout: number,
  ): Promise<MessageClaim> {
    const claim = new MessageClaim(session, id, destination, settings, timeout);
    const { selector, window } = settings;
    const headers = { destination, ack: 'client', 'activemq.prefetchSize': String(window), selector };
    await session.subscribe(id, headers, (frame) => {
      claim.#frames.push(frame);
      claim.#arrival.now();
    });
    return claim;
  }

  /**
   * The next message; `undefined` when the broker has none that is free.
   *
   * It does not tell that by itself, but it serves consumers before browsers: what has not come before a browse answers is not there.
   *
   * @throws ConnectionClosedError when the session has ended
   */
  async next(): Promise<StompFrame | undefined> {
    if (this.#frames.length === 0) await this.#arrival.wait(AbortSignal.timeout(PATIENCE));
    if (this.#frames.length === 0) {
      const browse = browseQueue(
        { session: async () => Promise.resolve({ session: this.#session }) },
        `${this.#id}-fence`,
        this.#destination,
        {
          selector: this.#settings.selector,
          limit: 1,
          timeout: this.#timeout,
        },
      );
      await browse.next();
      await browse.return();
    }
    if (!this.isOpen) throw await this.lost();
    return this.#frames.shift();
  }

  /** ACKs a message, and waits for the broker's confirmation; throws what the session throws. */
  async acknowledge({ headers }: StompFrame): Promise<void> {
    await this.#session.request('ACK', { id: headers['ack'] });
  }

  /**
   * Sends a copy and acknowledges the message in one transaction, so that exactly one of them exists whoever dies.
   *
   * @returns the transaction, begun and not ended: with its outcome after {@link SessionTransaction.commit}
   */
  async replace({ headers }: StompFrame, copy: OutgoingHeaders, body: Buffer): Promise<SessionTransaction> {
    const transaction = new SessionTransaction(this.#session, `${this.#id}-${++this.#transactions}`, this.#session.acknowledging);
    // The ACK is written after the receipt of the SEND; whether one of them is refused is found out by the commit.
    await Promise.allSettled([transaction.send(copy, body), transaction.acknowledge(headers['ack'])]);
    return transaction;
  }

  /** UNSUBSCRIBEs: what was not settled goes back to the queue. */
  async end(): Promise<void> {
    this.#frames.length = 0;
    if (!this.#session.isOpen) return;
    try {
      await this.#session.unsubscribe(this.#id);
    } catch (error) {
      // The end of the session is its end as well.
      if (!(error instanceof ConnectionClosedError)) throw error;
    }
  }
}
