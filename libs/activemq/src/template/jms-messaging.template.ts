import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { SendOptions } from '../message/outgoing-message.js';
import { AsyncSends, type AsyncSendOptions } from './async-sends.js';
import { DestinationOperations } from './destination-operations.js';
import { JmsScheduler } from './jms-scheduler.js';
import { type JmsTransaction, JmsTransactions, type TransactionOptions } from './jms-transactions.js';
import { MessageSender, type SendResult } from './message-sender.js';
import { fromRawMessage, type RawMessage } from './raw-message.js';
import { browseMessages } from './receiving/browse-messages.js';
import type { BrowseOptions } from './receiving/browse-options.js';
import { MessageReceiver } from './receiving/message-receiver.js';
import type { ReceiveOptions } from './receiving/receive-options.js';
import { JmsRequests } from './request-reply/jms-requests.js';
import type { RequestOptions } from './request-reply/request-options.js';
import type { SentMessages } from './sent-messages.js';
import type { ResolvedTemplateDefaults } from './template-defaults.js';

/**
 * Sends and receives messages, through failovers. Mirrors Spring's `JmsMessagingTemplate`.
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
  readonly #receiver: MessageReceiver;
  readonly #requests: JmsRequests;
  readonly #browse: (destination: string, options: BrowseOptions) => AsyncGenerator<JmsMessage, void, void>;

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
    const { pubSubDomain, receiving, deadLetter } = defaults;
    const { receiveTimeout } = receiving;
    this.#receiver = new MessageReceiver({ connection, converter, pubSubDomain, deadLetter, onFailure, receiveTimeout });
    this.#requests = new JmsRequests(connection, this.#sender, converter, receiving);
    this.#browse = (destination, options) => browseMessages({ connection, converter, pubSubDomain }, destination, options);
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
   *   this process. Whatever becomes of the message is told to a callback, and no reason to reject
   * @throws ConfigurationError for a callback that is no function, and for an unknown option; `confirm` has no meaning here
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

  /**
   * Takes the next message of a queue, or the next that a topic is given, and resolves with it when the broker has confirmed its acknowledgement;
   * with `undefined` when none came in time.
   *
   * At least once: a message whose acknowledgement was lost with its connection is handed out, and may come again. A process that dies with a
   * received message has lost it, as with JMS's AUTO_ACKNOWLEDGE: use a `@JmsListener` where that matters.
   *
   * @param destination one queue or topic, without wildcards
   * @throws ConnectError when there was no connection in time
   * @throws ConnectionClosedError when the connection is closed meanwhile
   * @throws ReceiptTimeoutError when the broker does not tell whether there is one (`timeout: -1`)
   * @throws BrokerError when the broker refuses
   * @example const message = await jms.receive('orders', { timeout: 5_000 });
   */
  async receive<T = unknown>(destination: string, options: ReceiveOptions = {}): Promise<JmsMessage<T> | undefined> {
    return (await this.#receiver.receive(destination, options)) as JmsMessage<T> | undefined;
  }

  /** {@link receive} of a message that a JMS selector chooses. */
  async receiveSelected<T = unknown>(
    destination: string,
    selector: string,
    options: ReceiveOptions = {},
  ): Promise<JmsMessage<T> | undefined> {
    return (await this.#receiver.receive(destination, options, { selector })) as JmsMessage<T> | undefined;
  }

  /**
   * The payload of the next message, `undefined` when none came in time; see {@link receive}.
   *
   * @throws MessageConversionError for a body that cannot be read: the message is rejected, so that it becomes a dead letter; where dead letters
   *   go by the module's `deadLetter`, it stays
   */
  async receiveAndConvert<T = unknown>(destination: string, options: ReceiveOptions = {}): Promise<T | undefined> {
    const message = await this.#receiver.receive(destination, options, { accept: readPayload });
    return message?.payload as T | undefined;
  }

  /** {@link receiveAndConvert} of a message that a JMS selector chooses. */
  async receiveSelectedAndConvert<T = unknown>(
    destination: string,
    selector: string,
    options: ReceiveOptions = {},
  ): Promise<T | undefined> {
    const message = await this.#receiver.receive(destination, options, { selector, accept: readPayload });
    return message?.payload as T | undefined;
  }

  /**
   * Looks at what lies in a queue, in its order, without taking it; messages that are being handled are shown too.
   *
   * @throws ConfigurationError for anything but one queue
   * @throws ConnectionClosedError when the connection is lost meanwhile: begin again
   * @example for await (const message of jms.browse('orders', { selector: `region = 'EU'`, limit: 100 })) log(message.messageId);
   */
  browse(destination: string, options: BrowseOptions = {}): AsyncGenerator<JmsMessage, void, void> {
    return this.#browse(destination, options);
  }

  /**
   * Sends a request and resolves with the payload of its reply. It is sent at once, also inside a transaction.
   *
   * @throws JmsReplyTimeoutError when no reply came in time: whether the request was handled is unknown
   * @throws SendError with the outcome `not-sent` when there was no broker in time to send it to
   * @throws JmsReplyError when the other side answered that it failed
   * @throws ConnectionClosedError when the connection was lost meanwhile: whether the request was handled is unknown
   * @throws BrokerError when the broker refused the request
   * @throws IllegalStateError when `maxPendingRequests` wait already
   * @example const price = await jms.convertSendAndReceive<number>('prices', { sku: 'a-1' }, { timeout: 2_000 });
   */
  async convertSendAndReceive<T = unknown>(destination: string, payload: unknown, options: RequestOptions = {}): Promise<T> {
    const reply = await this.#requests.sendAndReceive(destination, payload, options);
    return reply.payload as T;
  }

  /** {@link convertSendAndReceive} that resolves with the reply as a message. */
  sendAndReceive(destination: string, payload: unknown, options: RequestOptions = {}): Promise<JmsMessage> {
    return this.#requests.sendAndReceive(destination, payload, options);
  }

  /** Requests that wait for their replies now. */
  get pendingRequests(): number {
    return this.#requests.pending;
  }

  /** Replies that were dropped because their request waited no longer. */
  get lateReplies(): number {
    return this.#requests.lateReplies;
  }

  /** Resolves when every message sent so far was confirmed or has failed, and its callback has ended. */
  async flush(): Promise<void> {
    await Promise.all([this.#connection.flush(), this.#async.flush()]);
  }
}

function readPayload(message: JmsMessage): void {
  void message.payload;
}
