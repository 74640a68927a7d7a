import type { Broker } from './broker/broker.js';
import type { BrokerMessage } from './broker/broker-message.js';
import { destinationName } from './destination/destination-name.js';
import type { Queue } from './destination/queue.js';

/** A message as a test sees it in a queue. */
export interface InspectedMessage {
  readonly messageId: string;
  readonly body: Buffer;
  /** As text. */
  readonly text: string;
  /** Custom headers, and those the broker added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly persistent: boolean;
  readonly priority: number;
  /** How often it was delivered and came back. */
  readonly redeliveries: number;
  readonly correlationId: string | undefined;
}

/** Looks at one queue of a running broker without changing it. */
export class QueueInspector {
  readonly #queue: Queue | undefined;

  constructor(broker: Broker, name: string) {
    this.#queue = broker.destinations.find(destinationName('queue', name));
  }

  /** Messages in it, those in flight included. */
  get depth(): number {
    return this.#queue?.depth ?? 0;
  }

  /** Messages delivered and not settled. */
  get inFlight(): number {
    return this.#queue?.inFlight ?? 0;
  }

  get consumerCount(): number {
    return this.#queue?.consumerCount ?? 0;
  }

  /** Messages that ever came in since the broker started. */
  get enqueued(): number {
    return this.#queue?.statistics.enqueued ?? 0;
  }

  /** Messages that were acknowledged or dead-lettered since the broker started. */
  get dequeued(): number {
    return this.#queue?.statistics.dequeued ?? 0;
  }

  /** What stands in it, in order; the first `limit` messages, default all. */
  browse(limit = Number.POSITIVE_INFINITY): InspectedMessage[] {
    const shown: InspectedMessage[] = [];
    for (const { message, redeliveries } of this.#queue?.shown() ?? []) {
      if (shown.length >= limit) break;
      shown.push(inspected(message, redeliveries));
    }
    return shown;
  }

  /** Drops every message that is not in flight. */
  purge(): void {
    this.#queue?.purge();
  }
}

function inspected(message: BrokerMessage, redeliveries: number): InspectedMessage {
  return {
    messageId: message.id,
    body: message.body,
    text: message.body.toString('utf8'),
    headers: message.properties,
    persistent: message.persistent,
    priority: message.priority,
    redeliveries,
    correlationId: message.correlationId,
  };
}
