import type { ActiveMqConnection } from '../../connection/activemq-connection.js';
import type { IncomingDelivery } from '../../connection/incoming-delivery.js';
import type { MessageConsumer } from '../../connection/message-consumer.js';
import { WakeUp } from '../../connection/wake-up.js';
import type { OutgoingHeaders } from '../../stomp/stomp-session.js';

/**
 * A subscription with a window of one message, from which one caller at a time takes: what a pull is made of over STOMP, which has none.
 *
 * It is subscribed again after a failover; what it held then has gone back to the broker.
 */
export class PulledSubscription {
  readonly #connection: ActiveMqConnection;
  readonly #consumer: MessageConsumer;
  readonly #wakeUp = new WakeUp();
  #delivery: IncomingDelivery | undefined;
  #refusal: Error | undefined;

  /** @param headers of SUBSCRIBE, without its id, its acknowledgement and its window */
  constructor(connection: ActiveMqConnection, headers: OutgoingHeaders) {
    this.#connection = connection;
    this.#consumer = connection.createConsumer(
      { headers: { ...headers, ack: 'client-individual', 'activemq.prefetchSize': '1' } },
      {
        onDelivery: (delivery) => {
          this.#delivery = delivery;
          this.#wakeUp.now();
        },
        onSubscribed: () => this.#wakeUp.now(),
        onRefused: (error) => {
          this.#refusal = error;
          this.#wakeUp.now();
        },
        onInterrupted: () => (this.#delivery = undefined),
      },
    );
    this.#consumer.start();
  }

  /** Whether the broker has it registered right now. */
  get isSubscribed(): boolean {
    return this.#consumer.isSubscribed;
  }

  /** What came and was not taken, if it is still ours. */
  take(): IncomingDelivery | undefined {
    const delivery = this.#delivery;
    this.#delivery = undefined;
    return delivery?.isCurrent === true ? delivery : undefined;
  }

  /**
   * The next delivery, waiting for it, through failovers.
   *
   * @throws the signal's reason, or why the broker refused the subscription
   */
  next(signal: AbortSignal): Promise<IncomingDelivery> {
    return this.#until(signal, () => this.take());
  }

  /** Resolves when the broker has registered it; throws as {@link next}. */
  async subscribed(signal: AbortSignal): Promise<void> {
    await this.#until(signal, () => this.isSubscribed || undefined);
  }

  /** UNSUBSCRIBEs; what came and was not acknowledged goes back to the queue. */
  async stop(): Promise<void> {
    try {
      await this.#consumer.stop();
    } finally {
      this.#connection.removeConsumer(this.#consumer);
    }
  }

  async #until<T>(signal: AbortSignal, look: () => T | undefined): Promise<T> {
    for (;;) {
      if (this.#refusal) throw this.#refusal;
      const found = look();
      if (found !== undefined) return found;
      signal.throwIfAborted();
      await this.#wakeUp.wait(signal);
    }
  }
}
