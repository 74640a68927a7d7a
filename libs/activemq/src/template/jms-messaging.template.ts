import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { formatDestination, parseDestinations } from '../message/destination.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { MessageConverter } from '../message/message-converter.js';
import { createOutgoingMessage, type OutgoingMessage, type SendOptions } from '../message/outgoing-message.js';
import { browseMessages } from './receiving/browse-messages.js';
import type { BrowseOptions } from './receiving/browse-options.js';
import { MessageReceiver, type ReceiveRequest } from './receiving/message-receiver.js';
import { assertReceiveOptions, type ReceiveOptions } from './receiving/receive-options.js';
import { type RequestOptions, splitRequestOptions } from './request-reply/request-options.js';
import { Requester } from './request-reply/requester.js';
import type { SentMessages } from './sent-messages.js';
import type { ResolvedTemplateDefaults } from './template-defaults.js';

/** What is known of a message that the broker has stored. */
export interface SendResult {
  /** The key under which the message, and every copy of it, can be recognised. */
  readonly idempotencyKey: string;
  /** Where it went, e.g. `queue://orders`. */
  readonly destination: string;
  /** The broker that confirmed it, without credentials. */
  readonly brokerUri: string;
}

/**
 * Sends and receives messages, through failovers. Mirrors Spring's `JmsMessagingTemplate`.
 *
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/jms/core/JmsMessagingTemplate.html
 */
export class JmsMessagingTemplate {
  readonly #connection: ActiveMqConnection;
  readonly #converter: MessageConverter;
  readonly #defaults: ResolvedTemplateDefaults;
  readonly #sent: SentMessages | undefined;
  readonly #onFailure: (error: unknown) => void;
  readonly #receiver: MessageReceiver;
  readonly #requester: Requester;

  /** @internal Made by `ActiveMqModule`; `onFailure` is told of every send that fails, beside its caller. */
  constructor(
    connection: ActiveMqConnection,
    converter: MessageConverter,
    defaults: ResolvedTemplateDefaults,
    sent?: SentMessages,
    onFailure: (error: unknown) => void = () => undefined,
  ) {
    this.#connection = connection;
    this.#converter = converter;
    this.#defaults = defaults;
    this.#sent = sent;
    this.#onFailure = onFailure;
    const { pubSubDomain, receiving } = defaults;
    this.#receiver = new MessageReceiver({ connection, converter, pubSubDomain, onFailure });
    this.#requester = new Requester({ connection, converter, maxPendingRequests: receiving.maxPendingRequests });
  }

  /**
   * Sends a payload and resolves when the broker has stored it: text for a string, bytes for a Buffer, JSON for everything else.
   *
   * At least once: a message whose confirmation was lost with its connection is sent again with the same `idempotencyKey`.
   *
   * @param destination `orders`, `queue://orders`, `topic://prices`, or several separated by commas
   * @throws SendError when it was not confirmed within `sendTimeout`, or refused; `outcome` says what is known
   * @throws ConfigurationError for a bad destination, option or header
   * @throws MessageConversionError for a payload that cannot be converted
   * @example const { idempotencyKey } = await jms.convertAndSend('orders', { id: 7 }, { timeToLive: 60_000 });
   */
  async convertAndSend(destination: string, payload: unknown, options: SendOptions = {}): Promise<SendResult> {
    try {
      return await this.#convertAndSend(destination, payload, options);
    } catch (error) {
      // Said here, because nobody else may: Nest answers an HTTP request with 500 and logs no exception of this kind.
      this.#onFailure(error);
      throw error;
    }
  }

  async #convertAndSend(destination: string, payload: unknown, options: SendOptions): Promise<SendResult> {
    const message = this.#outgoing(destination, payload, options);
    const { uri } = await this.#connection.send(message.headers, message.body, options.sendTimeout ?? this.#defaults.sendTimeout);
    const result: SendResult = {
      idempotencyKey: message.idempotencyKey,
      destination: parseDestinations(destination, this.#defaults.pubSubDomain).map(formatDestination).join(','),
      brokerUri: uri.toString(),
    };
    this.#sent?.report(() => ({ ...result, connection: this.#connection.name, payload, options, headers: message.headers }));
    return result;
  }

  #outgoing(destination: string, payload: unknown, options: SendOptions): OutgoingMessage {
    const { persistent, priority, timeToLive, pubSubDomain } = this.#defaults;
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as SendOptions;
    const qos = { persistent, priority, timeToLive, ...given };
    return createOutgoingMessage(destination, payload, qos, { converter: this.#converter, pubSubDomain });
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
   * @throws BrokerError when the broker refuses
   * @example const message = await jms.receive('orders', { timeout: 5_000 });
   */
  receive(destination: string, options: ReceiveOptions = {}): Promise<JmsMessage | undefined> {
    return this.#receive(destination, options);
  }

  /** {@link receive} of a message that a JMS selector chooses. */
  receiveSelected(destination: string, selector: string, options: ReceiveOptions = {}): Promise<JmsMessage | undefined> {
    return this.#receive(destination, options, { selector });
  }

  /**
   * The payload of the next message, `undefined` when none came in time; see {@link receive}.
   *
   * @throws MessageConversionError for a body that cannot be read: the message is rejected, so that it becomes a dead letter
   */
  async receiveAndConvert<T = unknown>(destination: string, options: ReceiveOptions = {}): Promise<T | undefined> {
    return (await this.#receive(destination, options, { accept: readPayload }))?.payload as T | undefined;
  }

  /** {@link receiveAndConvert} of a message that a JMS selector chooses. */
  async receiveSelectedAndConvert<T = unknown>(
    destination: string,
    selector: string,
    options: ReceiveOptions = {},
  ): Promise<T | undefined> {
    return (await this.#receive(destination, options, { selector, accept: readPayload }))?.payload as T | undefined;
  }

  /**
   * Looks at what lies in a queue, in its order, without taking it; messages that are being handled are shown too.
   *
   * @throws ConfigurationError for anything but one queue
   * @throws ConnectionClosedError when the connection is lost meanwhile: begin again
   * @example for await (const message of jms.browse('orders', { selector: `region = 'EU'`, limit: 100 })) log(message.messageId);
   */
  browse(destination: string, options: BrowseOptions = {}): AsyncGenerator<JmsMessage, void, void> {
    const { pubSubDomain } = this.#defaults;
    return browseMessages({ connection: this.#connection, converter: this.#converter, pubSubDomain }, destination, options);
  }

  /**
   * Sends a request and resolves with the payload of its reply.
   *
   * @throws JmsReplyTimeoutError when no reply came in time: whether the request was handled is unknown
   * @throws JmsReplyError when the other side answered that it failed
   * @throws ConnectionClosedError when the connection was lost meanwhile: whether the request was handled is unknown
   * @throws BrokerError when the broker refused the request
   * @throws IllegalStateError when `maxPendingRequests` wait already
   * @example const price = await jms.convertSendAndReceive<number>('prices', { sku: 'a-1' }, { timeout: 2_000 });
   */
  async convertSendAndReceive<T = unknown>(destination: string, payload: unknown, options: RequestOptions = {}): Promise<T> {
    return (await this.sendAndReceive(destination, payload, options)).payload as T;
  }

  /** {@link convertSendAndReceive} that resolves with the reply as a message. */
  async sendAndReceive(destination: string, payload: unknown, options: RequestOptions = {}): Promise<JmsMessage> {
    const { send, timeout = this.#defaults.receiving.replyTimeout, signal } = splitRequestOptions(options);
    const message = this.#outgoing(destination, payload, send);
    const { reply, headers, brokerUri } = await this.#requester.request(message, { timeout, signal });
    const { idempotencyKey } = message;
    this.#sent?.report(() => ({
      idempotencyKey,
      destination: parseDestinations(destination, this.#defaults.pubSubDomain).map(formatDestination).join(','),
      brokerUri,
      connection: this.#connection.name,
      payload,
      options: send,
      headers,
    }));
    return reply;
  }

  /** Requests that wait for their replies now. */
  get pendingRequests(): number {
    return this.#requester.pendingRequests;
  }

  /** Replies that were dropped because their request waited no longer. */
  get lateReplies(): number {
    return this.#requester.lateReplies;
  }

  async #receive(
    destination: string,
    options: ReceiveOptions,
    more: Pick<ReceiveRequest, 'selector' | 'accept'> = {},
  ): Promise<JmsMessage | undefined> {
    assertReceiveOptions(options);
    const { timeout = this.#defaults.receiving.receiveTimeout, signal } = options;
    return this.#receiver.receive(destination, { ...more, timeout, signal });
  }

  /** Resolves when every message sent so far was confirmed or has failed. */
  flush(): Promise<void> {
    return this.#connection.flush();
  }
}

function readPayload(message: JmsMessage): void {
  void message.payload;
}
