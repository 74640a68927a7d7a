import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { Deadline } from '../connection/deadline.js';
import type { SessionTransaction } from '../connection/session-transaction.js';
import {
  ConnectError,
  IllegalStateError,
  isActiveMqError,
  ReceiptTimeoutError,
  SendError,
  TransactionRolledBackError,
} from '../errors/index.js';
import type { SendOptions } from '../message/outgoing-message.js';
import { unlessAborted } from '../stomp/abortable.js';
import { assertFunction, assertInteger, assertKnownOptions } from '../validation/index.js';
import type { SendResult } from './message-sender.js';
import type { RawMessage } from './raw-message.js';

/** How a transaction runs. */
export interface TransactionOptions {
  /**
   * ms for the whole of it, waiting for a broker and COMMIT included; then it is rolled back. Default the template's `sendTimeout`; 0: no limit. Inside
   * a transaction ms for this part of it, whose end rolls back the whole; default no limit but that of the whole.
   */
  readonly timeout?: number;
}

/** Sends in one transaction. It ends with the callback that was given it. */
export interface JmsTransaction {
  /** As {@link JmsMessagingTemplate.convertAndSend}, but it resolves when the broker has taken the message into the transaction. */
  convertAndSend(destination: string, payload: unknown, options?: SendOptions): Promise<SendResult>;
  /** As {@link JmsMessagingTemplate.send}, in the transaction. */
  send(destination: string, message: RawMessage): Promise<SendResult>;
  /** From here on it can only be rolled back; the callback may still end well, and then nothing of it was sent. Mirrors Spring's `TransactionStatus`. */
  setRollbackOnly(): void;
  /** Whether it can only be rolled back. */
  readonly isRollbackOnly: boolean;
  /** Aborted when the time of the transaction is over, or its connection: what the callback still does is in vain. */
  readonly signal: AbortSignal;
}

/** What a transaction can do its sends with. */
type Sends = Pick<JmsTransaction, 'convertAndSend' | 'send'>;

/** Runs callbacks in transactions. Mirrors Spring's `TransactionTemplate` with `PROPAGATION_REQUIRED`. */
export class JmsTransactions {
  readonly #connection: ActiveMqConnection;
  readonly #sends: Sends;
  readonly #defaultTimeout: number;
  /** Those that began here; one of a listener has none. */
  readonly #signals = new WeakMap<SessionTransaction, AbortSignal>();

  constructor(connection: ActiveMqConnection, sends: Sends, defaultTimeout: number) {
    this.#connection = connection;
    this.#sends = sends;
    this.#defaultTimeout = defaultTimeout;
  }

  /** See `JmsMessagingTemplate.transaction`. */
  async run<T>(work: (transaction: JmsTransaction) => T | Promise<T>, options: TransactionOptions = {}): Promise<T> {
    assertFunction('A transaction', 'work', work);
    assertKnownOptions('The options of a transaction', options, ['timeout']);
    const { timeout } = options;
    if (timeout !== undefined) assertInteger('The options of a transaction', 'timeout', timeout, { min: 0, max: 2_147_483_647 });
    const outer = this.#connection.currentTransaction;
    return outer ? this.#join(outer, work, timeout ?? 0) : this.#runNew(work, timeout ?? this.#defaultTimeout);
  }

  /** Part of the transaction around it, whose end decides; a failure in here is its failure. */
  async #join<T>(outer: SessionTransaction, work: (transaction: JmsTransaction) => T | Promise<T>, timeout: number): Promise<T> {
    const deadline = new Deadline(timeout, () => outOfTime('This part of a transaction', timeout));
    const lost = new AbortController();
    const forget = outer.session.onClosed((reason) => lost.abort(reason));
    const signals = [this.#signals.get(outer), lost.signal, deadline.signal].filter((signal) => signal !== undefined);
    try {
      const result = (async () => work(new TransactionHandle(this.#connection, this.#sends, outer, AbortSignal.any(signals))))();
      return await (deadline.signal ? unlessAborted(result, deadline.signal) : result);
    } catch (error) {
      outer.setRollbackOnly(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      deadline.clear();
      forget();
    }
  }

  async #runNew<T>(work: (transaction: JmsTransaction) => T | Promise<T>, timeout: number): Promise<T> {
    let hasBegun = false;
    const deadline = new Deadline(timeout, () => (hasBegun ? outOfTime('The transaction', timeout) : this.#noBroker(timeout)));
    const ended = new AbortController();
    let forget: (() => void) | undefined;
    try {
      const transaction = await this.#begin(deadline.signal);
      hasBegun = true;
      this.#signals.set(transaction, ended.signal);
      forget = transaction.session.onClosed((reason) => ended.abort(reason));
      deadline.signal?.addEventListener('abort', () => ended.abort(deadline.signal?.reason), { once: true });
      const handle = new TransactionHandle(this.#connection, this.#sends, transaction, ended.signal);
      const result = await this.#work(transaction, () => work(handle), deadline);
      if (handle.isEndedByCaller) await transaction.rollback();
      else await commit(transaction, deadline.left);
      return result;
    } finally {
      deadline.clear();
      forget?.();
    }
  }

  #noBroker(timeout: number): ConnectError {
    const why = this.#connection.whyNotSending;
    return new ConnectError(`no broker could be reached within ${timeout} ms${why === undefined ? '' : `: ${why}`}`);
  }

  async #begin(signal: AbortSignal | undefined): Promise<SessionTransaction> {
    try {
      return await this.#connection.createTransaction(signal);
    } catch (error) {
      if (!isActiveMqError(error)) throw error;
      const { message, retryable } = error;
      throw new TransactionRolledBackError(`The transaction could not begin, nothing was sent: ${message}`, { cause: error, retryable });
    }
  }

  async #work<T>(transaction: SessionTransaction, work: () => T | Promise<T>, deadline: Deadline): Promise<T> {
    try {
      const result = this.#connection.runInTransaction(transaction, async () => work());
      return await (deadline.signal ? unlessAborted(result, deadline.signal) : result);
    } catch (error) {
      await transaction.rollback();
      if (error === deadline.signal?.reason) throw rolledBack(error);
      throw error;
    }
  }
}

class TransactionHandle implements JmsTransaction {
  readonly signal: AbortSignal;
  /** Whether `setRollbackOnly` was called. */
  isEndedByCaller = false;
  readonly #connection: ActiveMqConnection;
  readonly #sends: Sends;
  readonly #transaction: SessionTransaction;

  constructor(connection: ActiveMqConnection, sends: Sends, transaction: SessionTransaction, signal: AbortSignal) {
    this.#connection = connection;
    this.#sends = sends;
    this.#transaction = transaction;
    this.signal = signal;
  }

  get isRollbackOnly(): boolean {
    return this.#transaction.failure !== undefined;
  }

  convertAndSend(destination: string, payload: unknown, options?: SendOptions): Promise<SendResult> {
    return this.#connection.runInTransaction(this.#transaction, () => this.#sends.convertAndSend(destination, payload, options));
  }

  send(destination: string, message: RawMessage): Promise<SendResult> {
    return this.#connection.runInTransaction(this.#transaction, () => this.#sends.send(destination, message));
  }

  setRollbackOnly(): void {
    this.isEndedByCaller = true;
    this.#transaction.setRollbackOnly(new IllegalStateError('The transaction was marked with setRollbackOnly()'));
  }
}

function outOfTime(what: string, timeout: number): ReceiptTimeoutError {
  return new ReceiptTimeoutError(`${what} has not ended within ${timeout} ms; do less in it, or give it a longer \`timeout\``, timeout);
}

async function commit(transaction: SessionTransaction, timeout: number): Promise<void> {
  try {
    await transaction.commit(timeout);
  } catch (error) {
    if (transaction.outcome !== 'unknown') throw rolledBack(error);
    // Not retryable: to repeat it may be to send everything twice.
    const why = error instanceof Error ? error.message : String(error);
    throw new SendError(`Whether the transaction was committed is unknown, all of it or nothing: ${why}`, 'unknown', { cause: error });
  }
}

function rolledBack(cause: unknown): TransactionRolledBackError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const retryable = isActiveMqError(cause) && cause.retryable;
  return new TransactionRolledBackError(`The transaction was rolled back, nothing was sent: ${why}`, { cause, retryable });
}
