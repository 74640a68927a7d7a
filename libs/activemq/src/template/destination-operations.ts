import type { SendOptions } from '../message/outgoing-message.js';
import type { MessageSchedule } from '../message/schedule.js';
import { assertRecord } from '../validation/index.js';
import type { SendResult } from './message-sender.js';

type Send = (destination: string, payload: unknown, options: SendOptions) => Promise<SendResult>;

/**
 * A destination and how to send there, to be used any number of times. It never changes: each `with...` gives another one. Mirrors the
 * `OperationSpec` of Spring's `JmsClient`.
 *
 * @example await jms.destination('orders').withPriority(9).withTimeToLive(60_000).send({ id: 7 });
 */
export class DestinationOperations {
  readonly #send: Send;
  readonly #destination: string;
  readonly #options: SendOptions;

  /** @internal Made by `JmsMessagingTemplate.destination`. */
  constructor(send: Send, destination: string, options: SendOptions = {}) {
    this.#send = send;
    this.#destination = destination;
    this.#options = options;
  }

  /** With any of the options of a send; those given before stay. */
  withOptions(options: SendOptions): DestinationOperations {
    assertRecord('The options of a send', undefined, options);
    return new DestinationOperations(this.#send, this.#destination, { ...this.#options, ...options });
  }

  /** 0 (lowest) to 9. */
  withPriority(priority: number): DestinationOperations {
    return this.withOptions({ priority });
  }

  /** ms until the message expires; 0 is never. */
  withTimeToLive(timeToLive: number): DestinationOperations {
    return this.withOptions({ timeToLive });
  }

  /** ms until the broker delivers the message. */
  withDeliveryDelay(deliveryDelay: number): DestinationOperations {
    return this.withOptions({ deliveryDelay });
  }

  /** When and how often the broker delivers the message. */
  withSchedule(schedule: MessageSchedule): DestinationOperations {
    return this.withOptions({ schedule });
  }

  /** Whether the message survives a restart of the broker. */
  withDeliveryPersistent(persistent: boolean): DestinationOperations {
    return this.withOptions({ persistent });
  }

  /** ms until the send fails. */
  withSendTimeout(sendTimeout: number): DestinationOperations {
    return this.withOptions({ sendTimeout });
  }

  /**
   * Converts and sends, as `JmsMessagingTemplate.convertAndSend` does.
   *
   * @param headers beside those of {@link withOptions}; one of the same name wins
   */
  send(payload: unknown, headers?: SendOptions['headers']): Promise<SendResult> {
    const all = headers === undefined ? this.#options.headers : { ...this.#options.headers, ...headers };
    return this.#send(this.#destination, payload, { ...this.#options, headers: all });
  }
}
