import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { formatDestination, parseDestinations } from '../message/destination.js';
import type { MessageConverter } from '../message/message-converter.js';
import { createOutgoingMessage, type SendOptions } from '../message/outgoing-message.js';
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
 * Sends messages, through failovers. Mirrors Spring's `JmsMessagingTemplate`.
 *
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/jms/core/JmsMessagingTemplate.html
 */
export class JmsMessagingTemplate {
  readonly #connection: ActiveMqConnection;
  readonly #converter: MessageConverter;
  readonly #defaults: ResolvedTemplateDefaults;
  readonly #sent: SentMessages | undefined;
  readonly #onFailure: (error: unknown) => void;

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
    const { sendTimeout, pubSubDomain, ...qos } = this.#defaults;
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as SendOptions;
    const message = createOutgoingMessage(destination, payload, { ...qos, ...given }, { converter: this.#converter, pubSubDomain });
    const { brokerUri } = await this.#connection.send(message.headers, message.body, given.sendTimeout ?? sendTimeout);
    const result: SendResult = {
      idempotencyKey: message.idempotencyKey,
      destination: parseDestinations(destination, pubSubDomain).map(formatDestination).join(','),
      brokerUri,
    };
    this.#sent?.report(() => ({ ...result, connection: this.#connection.name, payload, options, headers: message.headers }));
    return result;
  }

  /** Resolves when every message sent so far was confirmed or has failed. */
  flush(): Promise<void> {
    return this.#connection.flush();
  }
}
