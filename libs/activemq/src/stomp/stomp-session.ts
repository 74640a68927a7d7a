import type { Duplex } from 'node:stream';

import { BrokerError, ConnectionClosedError, StompProtocolError } from '../errors/index.js';
import type { FrameLimits } from './frame-limits.js';
import type { StompFrame, StompHeaders } from './frame.js';
import { HeartBeat, type HeartBeatIntervals, negotiateHeartBeat } from './heart-beat.js';
import { OutgoingFrames } from './outgoing-frames.js';
import { Receipts } from './receipts.js';
import { Turn } from './turn.js';

/** Header values to send; `undefined` leaves the header out. */
export type OutgoingHeaders = Readonly<Record<string, string | undefined>>;

/** How a {@link StompSession} behaves once it is open. */
export interface StompSessionSettings {
  /** Names the peer in errors; must not hold credentials. */
  readonly peer: string;
  readonly heartBeat: HeartBeatIntervals;
  /** ms to wait for a receipt unless a command says otherwise. */
  readonly receiptTimeout: number;
  readonly limits?: Partial<FrameLimits>;
}

/** ERROR frames that follow one another within this many ms have one cause. */
const ERROR_BURST = 1_000;

/**
 * What ActiveMQ says when its store has failed and it closes its connectors: it answers none of the commands under way (`SuppressReplyException`),
 * and the connection itself may live on for as long as each of them waits for the store.
 */
const IS_STOPPING = /Stop\/RestartTransportsInitiated|ShutdownBrokerInitiated/;

/** Takes the MESSAGE frames of one subscription. It must not throw: there is nobody to tell. */
export type MessageListener = (frame: StompFrame) => void;

/**
 * One open STOMP 1.2 session: commands out, receipts, messages and errors in, heart-beats both ways.
 *
 * An ERROR frame fails the one command whose `receipt-id` it carries; the session lives on unless the broker closes it.
 */
export class StompSession {
  /** The `server` header of CONNECTED, e.g. `ActiveMQ/5.17.2`. */
  readonly server: string | undefined;
  /** The `session` header of CONNECTED. */
  readonly sessionId: string | undefined;
  /**
   * Taken by a transaction from its first acknowledgement, and by whoever writes COMMIT or ABORT beside it, until that is written: ActiveMQ applies
   * both to what any transaction of the session has acknowledged.
   */
  readonly acknowledging = new Turn();
  /** Resolves, never rejects, with the reason when the session has ended. What waits for less than that uses {@link onClosed}. */
  readonly closed: Promise<Error>;
  /** Called for an ERROR frame that belongs to no command that asked for a receipt. */
  onUncorrelatedError: ((error: BrokerError) => void) | undefined;
  /**
   * Called once, at the first message or the first receipt of anything but a SUBSCRIBE: this broker works, it does not only accept
   * connections. A subscription alone is no proof, it is what kills the session when a message cannot be read.
   */
  onUseful: (() => void) | undefined;

  /** @internal The opener feeds what the transport reads and reports. */
  readonly incoming = {
    frame: (frame: StompFrame): void => this.#onFrame(frame),
    activity: (): void => void (this.#lastReadAt = performance.now()),
    lost: (why: string, cause?: unknown): void => this.destroy(cause instanceof StompProtocolError ? cause : this.#closedError(why, cause)),
  };

  readonly #transport: Duplex;
  readonly #settings: StompSessionSettings;
  readonly #outgoing: OutgoingFrames;
  readonly #receipts = new Receipts();
  readonly #listeners = new Map<string, MessageListener>();
  readonly #onClosed = new Set<{ readonly tell: (reason: Error) => void }>();
  readonly #heartBeat: HeartBeat;
  #lastReadAt = performance.now();
  #endedWith: Error | undefined;
  #uncorrelated: BrokerError | undefined;
  #uncorrelatedAt = -Infinity;
  #markClosed!: (reason: Error) => void;

  /** @internal Use `openStompSession`. */
  constructor(transport: Duplex, outgoing: OutgoingFrames, connected: StompHeaders, settings: StompSessionSettings) {
    this.#transport = transport;
    this.#outgoing = outgoing;
    this.#settings = settings;
    this.server = connected['server'];
    this.sessionId = connected['session'];
    this.closed = new Promise((resolve) => (this.#markClosed = resolve));
    this.#heartBeat = new HeartBeat(negotiateHeartBeat(settings.heartBeat, connected['heart-beat']), {
      lastWriteAt: () => this.#outgoing.lastWriteAt,
      lastReadAt: () => this.#lastReadAt,
      beat: () => this.#outgoing.heartBeat(),
      onSilence: (ms) => this.destroy(this.#closedError(`was silent for ${Math.round(ms)} ms; its heart-beats stopped`)),
    });
  }

  /** False once the session has ended, for whatever reason. */
  get isOpen(): boolean {
    return this.#endedWith === undefined;
  }

  /** Where the session leads to, without credentials: the broker's URI. */
  get peer(): string {
    return this.#settings.peer;
  }

  /**
   * Calls `listener` with the reason when the session has ended, at once when it has; it must not throw. The returned function removes it: what
   * is tied to {@link closed} stays there for the life of the session.
   */
  onClosed(listener: (reason: Error) => void): () => void {
    if (this.#endedWith) {
      listener(this.#endedWith);
      return () => undefined;
    }
    const entry = { tell: listener };
    this.#onClosed.add(entry);
    return () => void this.#onClosed.delete(entry);
  }

  /** How many commands wait for their receipt. */
  get pendingReceipts(): number {
    return this.#receipts.size;
  }

  /**
   * Writes one frame and does not wait.
   *
   * @throws ConnectionClosedError when the session has ended
   */
  write(command: string, headers: OutgoingHeaders, body?: Buffer): void {
    if (this.#endedWith) throw this.#endedWith;
    try {
      this.#outgoing.write(command, headers, body);
    } catch (error) {
      // The socket is gone and its 'close' is still to come: nobody shall find this session open until then.
      if (error instanceof ConnectionClosedError) this.destroy(error);
      throw error;
    }
  }

  /**
   * Writes one frame with a `receipt` header and resolves when the broker confirms it.
   *
   * @param timeout ms; default the session's `receiptTimeout`
   * @param onWritten called when it is written, and not when it is refused before that; it must not throw
   * @throws BrokerError when the broker answers with an ERROR frame
   * @throws ReceiptTimeoutError when it does not answer in time: the command may still take effect
   * @throws ConnectionClosedError when the session ends first: whether the command took effect is unknown
   */
  async request(
    command: string,
    headers: OutgoingHeaders,
    body?: Buffer,
    timeout = this.#settings.receiptTimeout,
    onWritten?: () => void,
  ): Promise<void> {
    if (this.#endedWith) throw this.#endedWith;
    const { id, received } = this.#receipts.expect(describe(command, headers), timeout);
    try {
      this.write(command, { ...headers, receipt: id }, body);
      onWritten?.();
    } catch (error) {
      this.#receipts.refuse(id, error as Error);
    }
    if (this.onUseful && command !== 'SUBSCRIBE') await received.then(() => this.#markUseful());
    return received;
  }

  /** Bytes written and not yet taken by the operating system: they grow while the broker does not read. */
  get bufferedBytes(): number {
    return this.#outgoing.writableLength;
  }

  /** Resolves when the socket takes more bytes again: writers of many frames wait here. */
  drained(): Promise<void> {
    return this.#outgoing.drained();
  }

  /**
   * SUBSCRIBEs and resolves when the broker has registered the subscription; messages may come before that.
   *
   * @param isPattern whether the destination is a wildcard or a composite: with a receipt on SUBSCRIBE ActiveMQ begins with a prefetch of 0, and
   *   of several queues what lies there may then stay unseen until the next message, so it is sent without one
   * @throws what {@link request} throws; then no listener is left behind
   */
  async subscribe(id: string, headers: OutgoingHeaders, onMessage: MessageListener, isPattern = false): Promise<void> {
    this.#listeners.set(id, onMessage);
    try {
      if (isPattern) await this.#subscribeToPattern(id, headers);
      else await this.request('SUBSCRIBE', { ...headers, id });
    } catch (error) {
      this.#listeners.delete(id);
      throw error;
    }
  }

  /**
   * First a subscription that is given nothing, for the broker's word that it takes these headers: the ERROR of a SUBSCRIBE without a receipt
   * was seen to come late, behind the receipt of the next command. Then the real one, and an empty transaction that tells when it is registered.
   */
  async #subscribeToPattern(id: string, headers: OutgoingHeaders): Promise<void> {
    const probe = `${id}-probe`;
    await this.request('SUBSCRIBE', { ...headers, 'activemq.prefetchSize': '0', id: probe });
    await this.request('UNSUBSCRIBE', { id: probe });
    const transaction = `after-${id}`;
    this.write('SUBSCRIBE', { ...headers, id });
    await this.request('BEGIN', { transaction });
    const giveBack = await this.acknowledging.take();
    const aborted = this.request('ABORT', { transaction });
    giveBack();
    await aborted;
  }

  /** UNSUBSCRIBEs and resolves when the broker has done so; its unacknowledged messages go back to their queue. */
  async unsubscribe(id: string, headers: OutgoingHeaders = {}, timeout = this.#settings.receiptTimeout): Promise<void> {
    this.#listeners.delete(id);
    await this.request('UNSUBSCRIBE', { ...headers, id }, undefined, timeout);
  }

  /**
   * DISCONNECTs with a receipt, so that everything written before it was taken, then closes the socket.
   *
   * @param timeout ms to wait for the receipt; the socket is closed after it in any case
   * @param reason what {@link closed} resolves with
   */
  async disconnect(timeout = 5_000, reason: Error = this.#closedError('was closed by this client')): Promise<void> {
    if (this.#endedWith) return;
    try {
      await this.request('DISCONNECT', {}, undefined, timeout);
    } finally {
      this.destroy(reason);
    }
  }

  /** Closes the socket at once; every receipt still awaited is rejected with `reason`. */
  destroy(reason: Error = this.#closedError('was closed by this client')): void {
    if (this.#endedWith) return;
    this.#endedWith = reason;
    this.#heartBeat.stop();
    this.#listeners.clear();
    this.#transport.destroy();
    this.#receipts.end(reason);
    this.#markClosed(reason);
    for (const { tell } of this.#onClosed) tell(reason);
    this.#onClosed.clear();
  }

  #onFrame(frame: StompFrame): void {
    switch (frame.command) {
      case 'MESSAGE':
        this.#markUseful();
        // No listener: the subscription was ended while the message travelled; the broker takes it back by itself.
        this.#listeners.get(frame.headers['subscription'] ?? '')?.(frame);
        return;
      case 'RECEIPT':
        // Nobody waits any more for a receipt that comes after its deadline.
        this.#receipts.confirm(frame.headers['receipt-id'] ?? '');
        return;
      case 'ERROR':
        this.#onError(frame);
        return;
      default:
        this.destroy(new StompProtocolError(`${this.#settings.peer} sent a ${frame.command} frame, which no broker may send`));
    }
  }

  #markUseful(): void {
    this.onUseful?.();
    this.onUseful = undefined;
  }

  #onError(frame: StompFrame): void {
    const error = new BrokerError(frame.headers['message'] ?? (frame.body.toString('utf8', 0, 1_000) || 'no reason given'));
    const receiptId = frame.headers['receipt-id'];
    if (receiptId !== undefined && this.#receipts.refuse(receiptId, error)) return;
    const now = performance.now();
    // After a frame it cannot take ActiveMQ may read the rest of it as further frames: the first ERROR is the one that explains.
    if (now - this.#uncorrelatedAt > ERROR_BURST) this.#uncorrelated = error;
    this.#uncorrelatedAt = now;
    this.onUncorrelatedError?.(error);
    if (IS_STOPPING.test(error.brokerMessage)) this.destroy(this.#closedError('is of no more use'));
  }

  #closedError(why: string, cause?: unknown): ConnectionClosedError {
    const said = this.#uncorrelated ? `; its last ERROR frame said: ${this.#uncorrelated.brokerMessage}` : '';
    return new ConnectionClosedError(`The connection to ${this.#settings.peer} ${why}${said}`, { cause: cause ?? this.#uncorrelated });
  }
}

function describe(command: string, headers: OutgoingHeaders): string {
  const subject = headers['destination'] ?? headers['id'] ?? headers['transaction'];
  return subject === undefined ? command : `${command} ${subject}`;
}
