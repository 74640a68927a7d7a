import type { ConnectionLogger } from '../connection/connection-settings.js';
import { toErrorText, toLogText } from '../errors/error-text.js';
import { BrokerError, ConfigurationError } from '../errors/index.js';
import { causesOf } from '../errors/causes-of.js';
import { formatDestination, parseDestinations } from '../message/destination.js';
import { errorReplyHeaders } from '../message/error-reply.js';
import type { JmsMessage } from '../message/jms-message.js';
import { JmsResponse } from '../message/jms-response.js';
import type { SendOptions } from '../message/outgoing-message.js';
import { givenOptions } from '../validation/index.js';
import type { ReplyDestination } from './send-to.decorator.js';

/** How replies are sent that say nothing else. Mirrors Spring's `QosSettings`. */
export type ReplyQosSettings = Pick<SendOptions, 'persistent' | 'priority' | 'timeToLive'>;

/** What replies are sent with: a `JmsMessagingTemplate`. */
interface ReplyTemplate {
  convertAndSend(destination: string, payload: unknown, options?: SendOptions): Promise<unknown>;
}

/** What a {@link ReplySender} works with. */
export interface ReplySenderSettings {
  readonly listenerId: string;
  readonly template: ReplyTemplate;
  /** Runs a send so that it is part of no transaction. */
  readonly outsideTransaction: <T>(work: () => T) => T;
  /** Where results go for which the message names no place. */
  readonly sendTo?: ReplyDestination;
  readonly qos: ReplyQosSettings;
  /** Whether requests that fail for good are answered with the error. */
  readonly errorReplies: boolean;
  readonly logger: ConnectionLogger;
}

/** Sends what a listener's handler returns to whom it is for. Mirrors Spring's `AbstractAdaptableMessageListener.handleResult`. */
export class ReplySender {
  readonly #settings: ReplySenderSettings;
  #hasWarned = false;

  constructor(settings: ReplySenderSettings) {
    this.#settings = settings;
  }

  /**
   * Sends a result, and resolves when the broker has stored it; a requester that is gone is only logged, and `undefined` is no reply.
   *
   * @throws what the template throws: the attempt at the message has failed then
   */
  async reply(message: JmsMessage, result: unknown): Promise<void> {
    if (result === undefined) return;
    const response = result instanceof JmsResponse ? result : JmsResponse.of(result);
    const destination = response.destination ?? message.replyTo ?? this.#sendTo(message, result);
    if (destination !== undefined) await this.#send(message, destination, response.payload, response.options);
    else if (this.#settings.sendTo === undefined) this.#warnOnce(message);
  }

  /**
   * Answers a request that has failed for good, when `errorReplies` is on and the message says to whom. It never throws: the message's fate is
   * decided, and an answer that cannot be sent is only logged.
   */
  async replyError(message: JmsMessage, error: unknown): Promise<void> {
    if (!this.#settings.errorReplies || message.replyTo === undefined) return;
    try {
      await this.#send(message, message.replyTo, '', { headers: errorReplyHeaders(error) });
    } catch (cause) {
      this.#settings.logger.warn(`${this.#subject(message)}: its error reply could not be sent: ${toErrorText(cause)}`);
    }
  }

  #sendTo(message: JmsMessage, result: unknown): string | undefined {
    const { sendTo, listenerId } = this.#settings;
    if (typeof sendTo !== 'function') return sendTo;
    const destination: unknown = sendTo(message, result);
    if (destination === undefined || typeof destination === 'string') return destination;
    throw new ConfigurationError(`Listener '${listenerId}': the function in @SendTo returned no text; return a destination, or undefined`);
  }

  async #send(message: JmsMessage, destination: string, payload: unknown, options: SendOptions): Promise<void> {
    const { template, qos, logger } = this.#settings;
    const destinations = parseDestinations(destination);
    const isTemporary = destinations.every(({ type }) => type.startsWith('temp-'));
    const correlationId = message.correlationId ?? (message.messageId || undefined);
    const send = (defaults: ReplyQosSettings) =>
      template.convertAndSend(destination, payload, { correlationId, ...defaults, ...givenOptions(options) });
    try {
      // A temporary queue does not outlive its broker: there is nothing to store a reply for. That it is gone must not undo a transaction.
      await (isTemporary ? this.#settings.outsideTransaction(() => send({ ...qos, persistent: false })) : send(qos));
    } catch (error) {
      if (!isTemporary || !isGone(error, destinations.map(formatDestination))) throw error;
      logger.warn(`${this.#subject(message)}: its requester is gone, the reply is dropped`);
    }
  }

  #warnOnce(message: JmsMessage): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#settings.logger.warn(
      `${this.#subject(message)}: the result is dropped, because the message has no reply-to and the method no @SendTo; this is said once`,
    );
  }

  #subject({ messageId }: JmsMessage): string {
    return `Listener '${this.#settings.listenerId}': message ${toLogText(messageId)}`;
  }
}

/**
 * Whether the broker says that the destination does not exist: of a temporary one, that its connection has ended. What ActiveMQ says is the
 * destination's name and nothing else; the name of the exception stands in the stack trace only.
 */
function isGone(error: unknown, destinations: readonly string[]): boolean {
  const refusal = causesOf(error).find((cause) => cause instanceof BrokerError);
  return refusal !== undefined && (destinations.includes(refusal.brokerMessage) || /does not exist/.test(refusal.brokerMessage));
}
