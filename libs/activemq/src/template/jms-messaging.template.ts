import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { SendOptions } from '../message/outgoing-message.js';
import { AsyncSends, type AsyncSendOptions } from './async-sends.js';
import { DestinationOperations } from './destination-operations.js';
import { JmsScheduler } from './jms-scheduler.js';
import { type JmsTransaction, JmsTransactions, type TransactionOptions } from './jms-transactions.js';
import { MessageSender, type SendResult } from './message-sender.js';
import { fromRawMessage, type RawMessage } from './raw-message.js';
import type { SentMessages } from './sent-messages.js';
import type { ResolvedTemplateDefaults } from './template-defaults.js';

/**
 * Sends messages, through failovers. Mirrors Spring's `JmsMessagingTemplate`.
 *
 * Inside `transaction`, and inside a listener with `ackMode: 'transacted'` of the same connection, every send is part of the transaction.
 *
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/jms/core/JmsMessagingTemplate.html
 */
export class JmsMessagingTemplate {
  /** Lists and cancels what the broker's scheduler holds. */
  readonly scheduler: JmsScheduler;
  readonly #connection: ActiveMqConnection;
  readonly #sender: MessageSender;
  readonly #async: AsyncSends;
  readonly #transactions: JmsTransactions;

  /** @internal Made by `ActiveMqModule`; `onFailure` is told of every send that fails, beside its caller. */
  constructor(
    connection: ActiveMqConnection,
    converter: MessageConverter,
    defaults: ResolvedTemplateDefaults,
    sent?: SentMessages,
    onFailure: (error: unknown) => void = () => undefined,
  ) {
    this.#connection = connection;
    this.#sender = new MessageSender({ connection, converter, defaults, sent, onFailure });
    this.#async = new AsyncSends(this.#sender, connection, onFailure);
    this.#transactions = new JmsTransactions(connection, this, defaults.sendTimeout);
    this.scheduler = new JmsScheduler(connection, converter, defaults.pubSubDomain);
  }

  /**
   * Sends a payload and resolves when the broker has stored it: text for a string, bytes for a Buffer, JSON for everything else.
   *
   * At least once: a message whose confirmation was lost with its connection is sent again with the same `idempotencyKey`.
   *
   * @param destination `orders`, `queue://orders`, `topic://prices`, or several separated by commas
   * @throws SendError when it was not confirmed within `sendTimeout`, or refused; `outcome` says what is known
   * @throws ConfigurationError for a bad destination, option or header, and for a delay when the broker has no scheduler
   * @throws MessageConversionError for a payload that cannot be converted
   * @example const { idempotencyKey } = await jms.convertAndSend('orders', { id: 7 }, { timeToLive: 60_000 });
   */
  convertAndSend(destination: string, payload: unknown, options: SendOptions = {}): Promise<SendResult> {
    return this.#sender.send({ destination, payload, options });
  }

  /**
   * Sends a payload and tells its end to callbacks, one of them once for each message.
   *
   * @returns resolves when the message has its place in the connection's `sendWindow`: await it before the next send, or messages pile up in
   *   this process. It never rejects but for a callback that is no function.
   * @example await jms.convertAndSendAsync('orders', order, { onSuccess: ({ idempotencyKey }) => done(idempotencyKey), onException: report });
   */
  convertAndSendAsync(destination: string, payload: unknown, options: AsyncSendOptions = {}): Promise<void> {
    return this.#async.send(destination, payload, options);
  }

  /**
   * Sends a message whose body is ready: no converter sees it. Everything else is as in {@link convertAndSend}.
   *
   * @example await jms.send('orders', { body: '<order/>', headers: { 'content-type': 'application/xml' }, priority: 9 });
   */
  async send(destination: string, message: RawMessage): Promise<SendResult> {
    return this.#sender.send(fromRawMessage(destination, message));
  }

  /**
   * A destination and how to send there, for any number of sends. Mirrors Spring's `JmsClient`.
   *
   * @example await jms.destination('orders').withPriority(9).send({ id: 7 });
   */
  destination(destination: string): DestinationOperations {
    return new DestinationOperations((...send) => this.convertAndSend(...send), destination);
  }

  /**
   * Runs `work` in a transaction: everything that it sends, with `tx` or with this template, is sent when it ends well, or nothing is.
   *
   * Called inside a transaction it is part of that one. It is never repeated by itself.
   *
   * @throws what `work` throws, after a rollback
   * @throws TransactionRolledBackError when the broker refused a message, or the connection or the time was lost before COMMIT: nothing was sent
   * @throws SendError with the outcome `unknown` when the connection was lost in COMMIT: all was sent or nothing
   * @example await jms.transaction(async (tx) => { await tx.convertAndSend('orders', order); await tx.convertAndSend('audit', entry); });
   */
  transaction<T>(work: (tx: JmsTransaction) => T | Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#transactions.run(work, options);
  }

  /** Runs `work` outside the transaction around it: what it sends is sent, whatever becomes of that. Mirrors Spring's `PROPAGATION_NOT_SUPPORTED`. */
  withoutTransaction<T>(work: () => T): T {
    return this.#connection.runInTransaction(undefined, work);
  }

  /** Resolves when every message sent so far was confirmed or has failed, and its callback has ended. */
  async flush(): Promise<void> {
    await Promise.all([this.#connection.flush(), this.#async.flush()]);
  }
}
