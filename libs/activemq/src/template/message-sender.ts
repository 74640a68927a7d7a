import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { ConfigurationError } from '../errors/index.js';
import { formatDestination, parseDestinations } from '../message/destination.js';
import type { MessageConverter } from '../message/message-converter.js';
import { createOutgoingMessage, type OutgoingMessage, type SendOptions } from '../message/outgoing-message.js';
import { assertRecord, givenOptions } from '../validation/index.js';
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

/** What a {@link MessageSender} works with. */
export interface MessageSenderParts {
  readonly connection: ActiveMqConnection;
  readonly converter: MessageConverter;
  readonly defaults: ResolvedTemplateDefaults;
  /** Told of every message that a broker has stored. */
  readonly sent?: SentMessages;
  /** Told of every send that fails, beside its caller. */
  readonly onFailure: (error: unknown) => void;
}

/** One message to send. */
export interface MessageToSend {
  readonly destination: string;
  readonly payload: unknown;
  readonly options?: SendOptions;
  /** Writes the payload; default the connection's. */
  readonly converter?: MessageConverter;
}

/** A message ready to be sent. */
export interface PreparedMessage extends MessageToSend, OutgoingMessage {
  readonly sendTimeout: number;
  readonly isConfirmed: boolean;
  readonly result: (brokerUri: string) => SendResult;
}

/** Makes messages of payloads, with the template's defaults, and sends them: what every way to send has in common. */
export class MessageSender {
  readonly #parts: MessageSenderParts;

  constructor(parts: MessageSenderParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the broker has stored the message; inside a transaction, when it has taken it; with `confirm: false`, when it was written.
   *
   * @param onWritten called when the message was written for the first time, or taken into a transaction
   */
  async send(message: MessageToSend, onWritten?: () => void): Promise<SendResult> {
    try {
      const prepared = this.prepare(message);
      return await (prepared.isConfirmed ? this.#confirmed(prepared, onWritten) : this.#unconfirmed(prepared));
    } catch (error) {
      // Said here, because nobody else may: Nest answers an HTTP request with 500 and logs no exception of this kind.
      this.#parts.onFailure(error);
      throw error;
    }
  }

  async #confirmed(message: PreparedMessage, onWritten?: () => void): Promise<SendResult> {
    const { headers, body, sendTimeout, result } = message;
    const { brokerUri } = await this.#parts.connection.send(headers, body, sendTimeout, { onWritten });
    this.reportStored(message, brokerUri);
    return result(brokerUri);
  }

  /** A receipt is asked for all the same: a full queue holds that back instead of the whole socket, and it bounds what is under way. */
  #unconfirmed(message: PreparedMessage): Promise<SendResult> {
    const { headers, body, sendTimeout, result } = message;
    return new Promise((resolve, reject) => {
      let isWritten = false;
      const onWritten = (brokerUri: string) => {
        isWritten = true;
        resolve(result(brokerUri));
      };
      this.#parts.connection.send(headers, body, sendTimeout, { isRepeatable: false, onWritten }).then(
        ({ brokerUri }) => this.reportStored(message, brokerUri),
        (error: unknown) => (isWritten ? this.#parts.onFailure(error) : reject(error as Error)),
      );
    });
  }

  /** Tells who listens to what was sent, at the end of the transaction when there is one. */
  reportStored(message: PreparedMessage, brokerUri: string): void {
    const { sent, connection } = this.#parts;
    if (!sent) return;
    const { payload, options = {}, headers, result } = message;
    const report = () => sent.report(() => ({ ...result(brokerUri), connection: connection.name, payload, options, headers }));
    const transaction = connection.currentTransaction;
    if (!transaction) report();
    else transaction.onEnd((outcome) => outcome === 'committed' && report());
  }

  /**
   * Makes a message of a payload, with the template's defaults.
   *
   * @throws ConfigurationError for a bad destination, option or header
   * @throws MessageConversionError for a payload that cannot be converted
   */
  prepare(message: MessageToSend): PreparedMessage {
    const { destination, payload, options = {}, converter = this.#parts.converter } = message;
    const { sendTimeout: defaultTimeout, pubSubDomain, deliveryDelay, persistent, priority, timeToLive } = this.#parts.defaults;
    // Of what cannot be read nothing would be left to be checked.
    assertRecord('The options of a send', undefined, options);
    refuseCallbacks(options);
    const given = givenOptions(options);
    // A schedule says more than the delay that all messages have.
    const delay =
      given.schedule || Object.keys(given.headers ?? {}).some((name) => name.startsWith('AMQ_SCHEDULED_')) ? {} : { deliveryDelay };
    const outgoing = createOutgoingMessage(
      destination,
      payload,
      { persistent, priority, timeToLive, ...delay, ...given },
      { converter, pubSubDomain },
    );
    const { idempotencyKey } = outgoing;
    const target = parseDestinations(destination, pubSubDomain).map(formatDestination).join(',');
    return {
      ...message,
      ...outgoing,
      sendTimeout: given.sendTimeout ?? defaultTimeout,
      isConfirmed: given.confirm ?? true,
      result: (brokerUri) => ({ idempotencyKey, destination: target, brokerUri }),
    };
  }
}

/** Whoever copies a call of the one to the other is told where callbacks are for. */
function refuseCallbacks(options: SendOptions): void {
  for (const name of ['onSuccess', 'onException']) {
    if (name in options)
      throw new ConfigurationError(
        `The options of a send: \`${name}\` is an option of convertAndSendAsync; this one resolves or rejects instead`,
      );
  }
}
