import type { ActiveMqConnection } from '../../connection/activemq-connection.js';
import type { JmsMessage } from '../../message/jms-message.js';
import type { MessageConverter } from '../../message/message-converter.js';
import type { MessageSender } from '../message-sender.js';
import type { ReceivingDefaults } from '../template-defaults.js';
import { type RequestOptions, splitRequestOptions } from './request-options.js';
import { Requester } from './requester.js';

/** Makes requests of payloads, with the template's defaults. */
export class JmsRequests {
  readonly #connection: ActiveMqConnection;
  readonly #sender: MessageSender;
  readonly #defaults: ReceivingDefaults;
  readonly #requester: Requester;

  constructor(connection: ActiveMqConnection, sender: MessageSender, converter: MessageConverter, defaults: ReceivingDefaults) {
    this.#connection = connection;
    this.#sender = sender;
    this.#defaults = defaults;
    this.#requester = new Requester({ connection, converter, maxPendingRequests: defaults.maxPendingRequests });
  }

  /** Requests that wait for their replies now. */
  get pending(): number {
    return this.#requester.pendingRequests;
  }

  /** Replies that were dropped because their request waited no longer. */
  get lateReplies(): number {
    return this.#requester.lateReplies;
  }

  /** Sends a request and resolves with its reply; see `JmsMessagingTemplate.convertSendAndReceive`. */
  async sendAndReceive(destination: string, payload: unknown, options: RequestOptions): Promise<JmsMessage> {
    const { send, timeout = this.#defaults.replyTimeout, signal } = splitRequestOptions(options);
    const message = this.#sender.prepare({ destination, payload, options: send });
    const { reply, headers, brokerUri } = await this.#requester.request(message, { timeout, signal });
    // A request is no part of the transaction around it: its reply could not come before the end of that.
    this.#connection.runInTransaction(undefined, () => this.#sender.reportStored({ ...message, headers }, brokerUri));
    return reply;
  }
}
