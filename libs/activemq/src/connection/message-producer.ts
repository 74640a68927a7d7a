import {
  BrokerError,
  ConfigurationError,
  ConnectError,
  ConnectionClosedError,
  IllegalFrameError,
  ReceiptTimeoutError,
  SendError,
  isActiveMqError,
} from '../errors/index.js';
import { unlessAborted } from '../stomp/abortable.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import { Deadline } from './deadline.js';
import { FlushBarrier } from './flush-barrier.js';
import { IsolationGate } from './isolation-gate.js';
import type { Link, LinkSession } from './link.js';
import { withCure } from './refused-repeat.js';
import { SendWindow } from './send-window.js';

/** Bounds of a {@link MessageProducer}. */
export interface MessageProducerSettings {
  /** Unconfirmed messages to one destination at most. */
  readonly windowMessages: number;
  /** Bytes of unconfirmed bodies to one destination at most; one larger message goes alone. */
  readonly windowBytes: number;
  /** ms that a send waits for a broker while there is none, the failover URL's `timeout`; 0 or less: as long as the send itself may take. */
  readonly connectionTimeout: number;
  /** Asked before a message is written to a session; what it throws is what the send throws. `undefined`: nothing to wait for. */
  readonly checkSession?: (session: StompSession, headers: OutgoingHeaders) => Promise<void> | undefined;
}

/** How one message is sent. */
export interface SendManner {
  /** Called once, when the message was written for the first time: it has its place in the window. */
  readonly onWritten?: (brokerUri: string) => void;
  /** Whether it is sent again when a connection took its receipt with it; default `true`. */
  readonly isRepeatable?: boolean;
}

interface UnconfirmedMessage {
  readonly headers: OutgoingHeaders;
  readonly body: Buffer;
  readonly lane: SendLane;
  readonly deadline: Deadline;
  readonly whenToStop: () => AbortSignal | undefined;
  readonly manner: SendManner;
  /** Whether `manner.onWritten` was called. */
  isTold: boolean;
  /** How often it was written. */
  written: number;
  hasTurn: boolean;
  /** Since when it waits for a broker, as `performance.now()`; it may wait for its turn as well meanwhile. */
  disconnectedSince: number | undefined;
}

/** The way of the messages to one destination. */
interface SendLane {
  /** Bounds what is not confirmed. */
  readonly window: SendWindow;
  /** One message at a time waits for its place and for a broker, so that messages are written in the order they were sent. */
  readonly turn: SendWindow;
}

/** A message that saw this many connections die is tried alone. */
const SUSPICIOUS_LOSSES = 2;
/** A message that saw this many connections die, the last ones with nothing else in flight, is given up. */
const MAX_LOSSES = 5;

/**
 * Sends messages and waits until the broker has stored them, through failovers.
 *
 * A message whose receipt was lost with its connection is sent again, unchanged, on the next one: at least once, never silently lost.
 */
export class MessageProducer {
  readonly #link: Link;
  /** A full queue makes the broker withhold its receipts: what goes elsewhere must not wait behind them. */
  readonly #lanes = new Map<string, SendLane>();
  readonly #gate = new IsolationGate();
  readonly #flushing = new FlushBarrier();
  readonly #windowMessages: number;
  readonly #windowBytes: number;
  readonly #connectionTimeout: number;
  readonly #checkSession: NonNullable<MessageProducerSettings['checkSession']>;
  #resent = 0;

  constructor(link: Link, settings: MessageProducerSettings) {
    this.#link = link;
    this.#windowMessages = settings.windowMessages;
    this.#windowBytes = settings.windowBytes;
    this.#connectionTimeout = settings.connectionTimeout;
    this.#checkSession = settings.checkSession ?? (() => undefined);
  }

  /** Messages sent and not confirmed, or waiting for a place in the window. */
  get pending(): number {
    let pending = 0;
    for (const { window, turn } of this.#lanes.values()) pending += window.size + turn.waiting;
    return pending;
  }

  /** How many times a message was sent again because its receipt was lost. */
  get resent(): number {
    return this.#resent;
  }

  /**
   * Resolves with the broker that confirmed the message.
   *
   * @param timeout ms for everything together, waiting for a broker included; 0 waits for ever
   * @throws SendError with what is known of the message
   * @throws ConfigurationError when the broker cannot do what the message asks for; it was not sent
   */
  async send(headers: OutgoingHeaders, body: Buffer, timeout: number, manner: SendManner = {}): Promise<LinkSession> {
    const destination = headers['destination'] ?? '';
    const why = () => new ReceiptTimeoutError(`The send to ${destination} was not confirmed within ${timeout} ms`, timeout);
    const deadline = new Deadline(timeout, why);
    const lane = this.#lane(destination);
    const message: UnconfirmedMessage = {
      headers,
      body,
      lane,
      deadline,
      whenToStop: () => deadline.signal,
      manner,
      isTold: false,
      written: 0,
      hasTurn: false,
      disconnectedSince: this.#link.current ? undefined : performance.now(),
    };
    const generation = this.#flushing.begin();
    let hasPlace = false;
    try {
      const turn = lane.turn.enter(0, message.whenToStop);
      if (turn) await turn;
      message.hasTurn = true;
      const place = lane.window.enter(body.length, message.whenToStop);
      if (place) await place;
      hasPlace = true;
      return await this.#untilConfirmed(message);
    } catch (error) {
      throw explain(error, destination, {
        timeout,
        written: message.written,
        noBroker: this.#link.current ? undefined : this.#link.lastFailure,
      });
    } finally {
      deadline.clear();
      this.#endTurn(message);
      if (hasPlace) lane.window.leave(body.length);
      if (lane.window.size === 0 && lane.turn.size === 0) this.#lanes.delete(destination);
      this.#flushing.end(generation);
    }
  }

  /** Resolves when every message sent so far was confirmed or has failed; it does not wait for those sent later. */
  flush(): Promise<void> {
    return this.#flushing.passed();
  }

  async #untilConfirmed(message: UnconfirmedMessage): Promise<LinkSession> {
    const { headers, body, deadline, whenToStop, manner } = message;
    for (let losses = 0; ;) {
      if (!this.#link.current) await this.#connected(message);
      message.disconnectedSince = undefined;
      const unread = this.#unread();
      if (unread) await (deadline.signal ? unlessAborted(unread, deadline.signal) : unread);
      const entry = losses >= SUSPICIOUS_LOSSES ? this.#gate.alone(whenToStop) : this.#gate.together(whenToStop);
      if (entry) await entry;
      try {
        const link = this.#link.current;
        if (!link) continue;
        const check = this.#checkSession(link.session, headers);
        if (check) await (deadline.signal ? unlessAborted(check, deadline.signal) : check);
        if (message.written++ > 0) this.#resent++;
        const confirmed = link.session.request('SEND', headers, body, deadline.left, tellWritten(message, link));
        this.#endTurn(message);
        await confirmed;
        return link;
      } catch (error) {
        if (!(error instanceof ConnectionClosedError) || !error.retryable) throw error;
        if (message.written > 0 && manner.isRepeatable === false) throw error;
        losses++;
        // Alone on the connection, and the broker said why it closed it: it was this message.
        const isGuilty = losses > SUSPICIOUS_LOSSES && error.cause instanceof BrokerError;
        if (isGuilty || losses >= MAX_LOSSES) throw error;
      } finally {
        this.#gate.leave();
      }
    }
  }

  /**
   * Resolves when the broker reads again, or is gone; `undefined` while the socket holds less than a whole window. A message that timed out
   * leaves the window but not the socket: without this, a broker that does not read would let the process grow with each timeout.
   */
  #unread(): Promise<void> | undefined {
    const session = this.#link.current?.session;
    if (!session || session.bufferedBytes < this.#windowBytes) return undefined;
    return session.drained().catch(async () => void (await session.closed));
  }

  #lane(destination: string): SendLane {
    let lane = this.#lanes.get(destination);
    if (!lane) {
      lane = { window: new SendWindow(this.#windowMessages, this.#windowBytes), turn: new SendWindow(1, 0) };
      this.#lanes.set(destination, lane);
    }
    return lane;
  }

  #endTurn(message: UnconfirmedMessage): void {
    if (!message.hasTurn) return;
    message.hasTurn = false;
    message.lane.turn.leave(0);
  }

  async #connected(message: UnconfirmedMessage): Promise<void> {
    const { deadline, disconnectedSince = performance.now() } = message;
    const limit = this.#connectionTimeout;
    const left = Math.max(1, disconnectedSince + limit - performance.now());
    if (limit <= 0 || deadline.left <= left) {
      await this.#link.session(deadline.signal);
      return;
    }
    const wait = new Deadline(
      left,
      () => new ConnectError(`no broker could be reached within ${limit} ms, the timeout of the failover URL`),
    );
    try {
      await this.#link.session(wait.signal);
    } finally {
      wait.clear();
    }
  }
}

/** What to call when the message is written for the first time; a frame that cannot be written is none. */
function tellWritten(message: UnconfirmedMessage, { uri }: LinkSession): (() => void) | undefined {
  const { onWritten } = message.manner;
  if (!onWritten || message.isTold) return undefined;
  return () => {
    message.isTold = true;
    onWritten(uri.toString());
  };
}

/** What is known of a send that failed. */
interface FailedSend {
  readonly timeout: number;
  readonly written: number;
  /** Why there is no connection; `undefined` when there is one, or nothing has failed yet. */
  readonly noBroker: string | undefined;
}

function explain(error: unknown, destination: string, { timeout, written, noBroker }: FailedSend): unknown {
  if (!isActiveMqError(error) || error instanceof IllegalFrameError) return error;
  if (error instanceof ConfigurationError && written === 0) return error;
  // The one attempt that the broker refused left nothing behind; an earlier one whose receipt was lost may have.
  const isUnknown = error instanceof BrokerError ? written > 1 : written > 0;
  const outcome = isUnknown ? 'it may be stored, now or later' : 'it was not sent';
  const disconnected = noBroker === undefined ? '' : `; there is no connection: ${noBroker}`;
  const why = error instanceof ReceiptTimeoutError ? `no broker confirmed it within ${timeout} ms${disconnected}` : withCure(error.message);
  const options = { cause: error, retryable: error.retryable };
  return new SendError(`The message to ${destination} is not confirmed, ${outcome}: ${why}`, isUnknown ? 'unknown' : 'not-sent', options);
}
