import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { MessageConsumer, MessageConsumerObserver } from '../connection/message-consumer.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';

/** One destination to subscribe to. */
export interface PlannedSubscription {
  /** SUBSCRIBE headers, without `id` and prefetch. */
  readonly headers: OutgoingHeaders;
  /** Whether it is a wildcard. */
  readonly isPattern: boolean;
}

/** The subscriptions whose messages one channel handles, one for each destination of the listener, as if they were one. */
export class ListenerSubscriptions {
  readonly #connection: ActiveMqConnection;
  readonly #planned: readonly PlannedSubscription[];
  readonly #consumers: readonly MessageConsumer[];

  /** @param observe makes what a subscription tells, from what is planned */
  constructor(
    connection: ActiveMqConnection,
    planned: readonly PlannedSubscription[],
    prefetch: number,
    observe: (planned: PlannedSubscription) => MessageConsumerObserver,
  ) {
    this.#connection = connection;
    this.#planned = planned;
    this.#consumers = planned.map((one) =>
      connection.createConsumer({ headers: prefetching(one.headers, prefetch), isPattern: one.isPattern }, observe(one)),
    );
  }

  /** Whether the broker has confirmed all of them on the session that is open now. */
  get isSubscribed(): boolean {
    return this.#consumers.every(({ isSubscribed }) => isSubscribed);
  }

  /** What they have acknowledged in transactions: messages, and bytes of their bodies. */
  get transactedAcknowledgements(): { readonly messages: number; readonly bytes: number } {
    const each = this.#consumers.map(({ transactedAcknowledgements }) => transactedAcknowledgements);
    return { messages: sum(each.map(({ messages }) => messages)), bytes: sum(each.map(({ bytes }) => bytes)) };
  }

  /** Each asks for so many messages ahead, from its next subscription on. */
  setPrefetch(prefetch: number): void {
    for (const [index, consumer] of this.#consumers.entries()) consumer.useHeaders(prefetching(this.#planned[index]!.headers, prefetch));
  }

  /** Subscribes, now or as soon as there is a broker. */
  start(): void {
    for (const consumer of this.#consumers) consumer.start();
  }

  /** Ends all of them; see `MessageConsumer.stop`, of which it throws what the first one throws when all have ended. */
  async stop(timeout?: number): Promise<void> {
    await allOf(this.#consumers.map((consumer) => consumer.stop(timeout)));
  }

  /** Makes all of them anew; see `MessageConsumer.resubscribe`. */
  async resubscribe(): Promise<void> {
    await allOf(this.#consumers.map((consumer) => consumer.resubscribe()));
  }

  /** Lets go of the connection; stop them first. */
  dispose(): void {
    for (const consumer of this.#consumers) this.#connection.removeConsumer(consumer);
  }
}

function prefetching(headers: OutgoingHeaders, prefetch: number): OutgoingHeaders {
  return { ...headers, 'activemq.prefetchSize': String(prefetch) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Waits for all, also when one of them fails. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
