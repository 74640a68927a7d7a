import { IllegalStateError } from '../errors/index.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { ConnectionSettings } from './connection-settings.js';
import { Deadline } from './deadline.js';
import type { Link } from './link.js';
import { MessageProducer, type SendManner } from './message-producer.js';
import { needsScheduler, type SchedulerProbe } from './scheduler-probe.js';
import { SessionTransaction } from './session-transaction.js';
import { explainTransactedSend } from './transacted-send.js';
import { TransactionContext } from './transaction-context.js';

/** How STOMP writes a temporary queue of the session that is told of it; one of another session is a `/remote-temp-queue/`. */
const OWN_TEMPORARY_QUEUE = '/temp-queue/';

/** Who has confirmed a message, or has taken it into a transaction. */
export interface SendConfirmation {
  /** The broker, without credentials. */
  readonly brokerUri: string;
}

/** Sends the messages of a connection: by themselves, or in the transaction that the running code is in. */
export class ConnectionSender {
  readonly #producing: Link;
  readonly #consuming: Link;
  readonly #schedulers: SchedulerProbe;
  readonly #transactions = new TransactionContext();
  readonly #producer: MessageProducer;
  /** A session that asks for its own temporary queue is told a name that only it knows: what goes there has to go on the link that consumes. */
  readonly #ownTemporaryQueues: MessageProducer;
  #lastTransactionId = 0;

  constructor(producing: Link, consuming: Link, schedulers: SchedulerProbe, { sendWindow, failover }: ConnectionSettings) {
    this.#producing = producing;
    this.#consuming = consuming;
    this.#schedulers = schedulers;
    const settings = {
      windowMessages: sendWindow.messages,
      windowBytes: sendWindow.bytes,
      connectionTimeout: failover.options.timeout,
    };
    this.#producer = new MessageProducer(producing, {
      ...settings,
      checkSession: (session, headers) => (needsScheduler(headers) ? schedulers.check(session) : undefined),
    });
    this.#ownTemporaryQueues = new MessageProducer(consuming, settings);
  }

  /** Messages sent and not confirmed, or waiting for their turn. */
  get pending(): number {
    return this.#producer.pending + this.#ownTemporaryQueues.pending;
  }

  /** How many messages were sent again because a connection took their receipt with it. */
  get resent(): number {
    return this.#producer.resent;
  }

  /** The transaction that a send of the running code joins; `undefined` outside {@link runInTransaction}. */
  get currentTransaction(): SessionTransaction | undefined {
    return this.#transactions.current;
  }

  /** Runs `work` so that every send of it, and of what it calls, is part of the transaction; with `undefined`, of none. */
  runInTransaction<T>(transaction: SessionTransaction | undefined, work: () => T): T {
    return this.#transactions.run(transaction, work);
  }

  /**
   * A new transaction on the session that messages are sent on; waits for a broker.
   *
   * @param signal stops waiting
   */
  async createTransaction(signal?: AbortSignal): Promise<SessionTransaction> {
    const { session } = await this.#producing.session(signal);
    return new SessionTransaction(session, `send-${++this.#lastTransactionId}`);
  }

  /** Sends one message and resolves when the broker has confirmed it, or has taken it into the running transaction; see `MessageProducer.send`. */
  async send(headers: OutgoingHeaders, body: Buffer, timeout: number, manner?: SendManner): Promise<SendConfirmation> {
    const transaction = this.#transactions.current;
    if (transaction) return this.#sendIn(transaction, headers, body, timeout, manner);
    const { uri } = await (isOwnTemporaryQueue(headers)
      ? // On another session the queue is another one, and nobody reads it.
        this.#ownTemporaryQueues.send(headers, body, timeout, { ...manner, isRepeatable: false })
      : this.#producer.send(headers, body, timeout, manner));
    return { brokerUri: uri.toString() };
  }

  /** Resolves when every message sent so far was confirmed or has failed. */
  async flush(): Promise<void> {
    await Promise.all([this.#producer.flush(), this.#ownTemporaryQueues.flush()]);
  }

  async #sendIn(
    transaction: SessionTransaction,
    headers: OutgoingHeaders,
    body: Buffer,
    timeout: number,
    manner: SendManner = {},
  ): Promise<SendConfirmation> {
    const { session } = transaction;
    // One that has lost its session says so itself.
    if (isOwnTemporaryQueue(headers) && session.isOpen && session !== this.#consuming.current?.session) {
      const cure = "send it with the template's `withoutTransaction`";
      throw new IllegalStateError(
        `${headers['destination']} is a temporary queue of the session that receives, not of the transaction: ${cure}`,
      );
    }
    try {
      const ready = needsScheduler(headers) ? this.#schedulers.check(session) : undefined;
      await transaction.send(headers, body, new Deadline(timeout).left, ready);
    } catch (error) {
      throw explainTransactedSend(error, headers['destination'] ?? '', transaction);
    }
    manner.onWritten?.(session.peer);
    return { brokerUri: session.peer };
  }
}

function isOwnTemporaryQueue(headers: OutgoingHeaders): boolean {
  return headers['destination']?.startsWith(OWN_TEMPORARY_QUEUE) === true;
}
