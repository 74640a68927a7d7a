import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { MessageConsumer } from '../connection/message-consumer.js';
import { DeliveryProcess, type DeliveryProcessSettings, type SlotEnd } from '../delivery/delivery-process.js';
import { DeliverySlots } from '../delivery/delivery-slots.js';
import { toErrorStack, toErrorText } from '../delivery/error-text.js';
import type { InFlightMessage } from '../delivery/in-flight-message.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';

/** What a {@link ListenerChannel} works with. */
export interface ListenerChannelSettings {
  readonly listenerId: string;
  readonly connection: ActiveMqConnection;
  readonly logger: ConnectionLogger;
  /** SUBSCRIBE headers, without `id` and prefetch. */
  readonly headers: OutgoingHeaders;
  readonly isPattern: boolean;
  readonly prefetch: number;
  /** Messages handled at the same time. */
  readonly concurrency: number;
  readonly toMessage: (frame: StompFrame) => JmsMessage;
  readonly process: Omit<DeliveryProcessSettings, 'onRecover' | 'onSettledLate' | 'onUnavailable'>;
  readonly onSubscribed: (brokerUri: string) => void;
  readonly onRefused: (error: Error) => void;
  /** A message has left its slot. */
  readonly onSlotEnd: (end: SlotEnd) => void;
}

/**
 * ActiveMQ keeps every message that a `client-individual` subscription acknowledged in a transaction until the subscription ends: it is renewed
 * after so many.
 */
const RENEW_AFTER = 1_000;

/** One subscription of a listener, with the slots that work on what it delivers. */
export class ListenerChannel {
  readonly #settings: ListenerChannelSettings;
  readonly #consumer: MessageConsumer;
  readonly #slots: DeliverySlots;
  readonly #process: DeliveryProcess;
  #isStarted = false;
  #isRenewing = false;
  /** Whether the subscription was made with other headers. */
  #isOutdated = false;
  #unavailable: { readonly reason: string } | undefined;

  constructor(settings: ListenerChannelSettings) {
    this.#settings = settings;
    this.#process = new DeliveryProcess({
      ...settings.process,
      onRecover: (inFlight) => this.#slots.handleAgain(inFlight),
      onSettledLate: (inFlight) => {
        this.#slots.settled(inFlight);
        this.#onSlotEnd('settled');
      },
      onUnavailable: (until, reason) => void this.#waitUntilAvailable(until, reason),
    });
    this.#slots = new DeliverySlots({
      concurrency: settings.concurrency,
      toMessage: ({ frame }) => settings.toMessage(frame),
      run: (inFlight) => this.#run(inFlight),
      onUnexpectedError: (error) => settings.logger.error(`Listener '${settings.listenerId}': ${toErrorText(error)}`, toErrorStack(error)),
    });
    this.#consumer = settings.connection.createConsumer(
      { headers: prefetching(settings.headers, settings.prefetch), isPattern: settings.isPattern },
      {
        onDelivery: (delivery) => this.#slots.accept(delivery),
        onSubscribed: settings.onSubscribed,
        onRefused: settings.onRefused,
        onInterrupted: () => this.#slots.interrupt(),
      },
    );
  }

  /** Whether the broker has confirmed the subscription on the session that is open now. */
  get isSubscribed(): boolean {
    return this.#consumer.isSubscribed;
  }

  /** Why it takes no messages although it is started; `undefined` when it does. */
  get whyUnavailable(): string | undefined {
    return this.#unavailable?.reason;
  }

  /** Messages in a slot. */
  get running(): number {
    return this.#slots.running;
  }

  /** Messages whose handler has returned without a decision, in manual mode. */
  get undecided(): number {
    return this.#slots.undecided;
  }

  /** Messages delivered and not settled. */
  get unsettled(): number {
    return this.#slots.unsettled;
  }

  /** Asks for so many messages ahead, from the next subscription on: on a started channel as soon as its slots are idle. */
  setPrefetch(prefetch: number): void {
    this.#consumer.useHeaders(prefetching(this.#settings.headers, prefetch));
    this.#isOutdated = this.#isStarted;
    if (this.#isRenewalDue) void this.#renew();
  }

  /** Subscribes, now or as soon as there is a broker. */
  start(): void {
    this.#isStarted = true;
    this.#slots.resume('draining');
    if (!this.#unavailable) this.#consumer.start();
  }

  /** Starts no further handler; up to a whole prefetch waits here. */
  pause(): void {
    this.#slots.suspend('paused');
  }

  /** Undoes {@link pause}. */
  resume(): void {
    this.#slots.resume('paused');
  }

  /** Starts no further handler, and resolves when those that run have ended. */
  drained(): Promise<void> {
    this.#isStarted = false;
    this.#slots.drain();
    return this.#slots.idle();
  }

  /**
   * Ends the subscription; what is not settled goes back to the broker.
   *
   * @param timeout ms to wait for the broker's receipt
   * @throws what `MessageConsumer.stop` throws
   */
  async stop(timeout: number): Promise<void> {
    try {
      await this.#consumer.stop(timeout);
    } finally {
      this.#slots.forgetUndecided();
      this.#slots.resume('paused');
    }
  }

  async #run(inFlight: InFlightMessage): Promise<SlotEnd> {
    const end = await this.#process.run(inFlight);
    this.#onSlotEnd(end);
    return end;
  }

  #onSlotEnd(end: SlotEnd): void {
    this.#settings.onSlotEnd(end);
    if (this.#isRenewalDue) void this.#renew();
  }

  get #isRenewalDue(): boolean {
    const { ack } = this.#settings.headers;
    const isLeaking = ack === 'client-individual' && this.#consumer.transactedAcknowledgements >= RENEW_AFTER;
    return !this.#isRenewing && (this.#isOutdated || isLeaking);
  }

  /** What waits for a manual decision would lose its acknowledgement: then it is tried again after the next message. */
  async #renew(): Promise<void> {
    const { listenerId, logger } = this.#settings;
    this.#isRenewing = true;
    this.#slots.suspend('renewing');
    try {
      await this.#slots.idle();
      if (this.#slots.undecided === 0) {
        this.#isOutdated = false;
        await this.#consumer.resubscribe();
      }
    } catch (error) {
      // Without an answer the session has ended, and its successor subscribes anew.
      logger.debug(`Listener '${listenerId}': its subscription could not be renewed: ${toErrorText(error)}`);
    } finally {
      this.#isRenewing = false;
      this.#slots.resume('renewing');
    }
  }

  async #waitUntilAvailable(until: Promise<void>, reason: string): Promise<void> {
    const { listenerId, logger } = this.#settings;
    if (this.#unavailable) return;
    this.#unavailable = { reason };
    this.#slots.suspend('unavailable');
    logger.warn(`Listener '${listenerId}' takes no messages for now: ${reason}`);
    try {
      await this.#slots.idle();
      await this.#consumer.stop();
    } catch (error) {
      logger.debug(`Listener '${listenerId}': UNSUBSCRIBE was not confirmed: ${toErrorText(error)}`);
    }
    await until;
    this.#unavailable = undefined;
    this.#slots.resume('unavailable');
    logger.log(`Listener '${listenerId}' takes messages again`);
    if (this.#isStarted) this.#consumer.start();
  }
}

function prefetching(headers: OutgoingHeaders, prefetch: number): OutgoingHeaders {
  return { ...headers, 'activemq.prefetchSize': String(prefetch) };
}
