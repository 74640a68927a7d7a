import { ConfigurationError } from '../errors/index.js';
import type { SendOptions } from './outgoing-message.js';

/**
 * What a listener returns to say where its reply goes, or with which headers and options. Mirrors Spring's
 * `org.springframework.jms.listener.adapter.JmsResponse`.
 *
 * @example return JmsResponse.forQueue(receipt, 'receipts', { headers: { region: 'EU' } });
 */
export class JmsResponse<T = unknown> {
  /** What is sent. */
  readonly payload: T;
  /** Where it goes, whatever the request and `@SendTo` say; `undefined` for where they say. */
  readonly destination: string | undefined;
  /** How it is sent; what it leaves open comes from the listener's `replyQosSettings`. */
  readonly options: SendOptions;

  private constructor(payload: T, destination: string | undefined, options: SendOptions) {
    this.payload = payload;
    this.destination = destination;
    this.options = options;
  }

  /** A reply with headers or options of its own, that goes where a plain result would go. */
  static of<T>(payload: T, options: SendOptions = {}): JmsResponse<T> {
    return new JmsResponse(payload, undefined, options);
  }

  /**
   * A reply to a queue.
   *
   * @param queueName as in `receipts`, without a prefix
   */
  static forQueue<T>(payload: T, queueName: string, options: SendOptions = {}): JmsResponse<T> {
    return new JmsResponse(payload, `queue://${plainName('forQueue', queueName)}`, options);
  }

  /**
   * A reply to a topic.
   *
   * @param topicName as in `prices`, without a prefix
   */
  static forTopic<T>(payload: T, topicName: string, options: SendOptions = {}): JmsResponse<T> {
    return new JmsResponse(payload, `topic://${plainName('forTopic', topicName)}`, options);
  }

  /**
   * A reply to a destination in any form, a message's `replyTo` included.
   *
   * @param destination `receipts`, `topic://prices`, `/queue/receipts`
   */
  static forDestination<T>(payload: T, destination: string, options: SendOptions = {}): JmsResponse<T> {
    return new JmsResponse(payload, destination, options);
  }
}

function plainName(method: string, name: string): string {
  if (typeof name === 'string' && name !== '' && !name.includes('://') && !name.startsWith('/')) return name;
  throw new ConfigurationError(
    `JmsResponse.${method}(): ${JSON.stringify(name)} is no plain name; use forDestination() for one with a prefix`,
  );
}
