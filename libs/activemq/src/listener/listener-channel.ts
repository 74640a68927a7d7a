import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import { Deadline } from '../connection/deadline.js';
import type { MessageConsumerObserver, Rest } from '../connection/message-consumer.js';
import { within } from '../connection/within.js';
import { BatchAdmission, type BatchAdmissionSettings } from '../delivery/admission.js';
import type { BatchHandler } from '../delivery/batch-run.js';
import { SYSTEM_TIMERS } from '../delivery/delivery-timers.js';
import { DeliveryProcess, type DeliveryProcessSettings } from '../delivery/delivery-process.js';
import type { SlotEnd } from '../delivery/slot-end.js';
import type { PlannedChannel } from './channel-plan.js';
import { ChannelRenewal } from './channel-renewal.js';
import { DeliverySlots } from '../delivery/delivery-slots.js';
import { toErrorStack, toErrorText } from '../errors/error-text.js';
import type { InFlightMessage } from '../delivery/in-flight-message.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { StompFrame } from '../stomp/frame.js';
import { ListenerSubscriptions, type PlannedSubscription } from './listener-subscriptions.js';
import { SharedMessageIds } from './shared-message-ids.js';

/** What a {@link ListenerChannel} works with. */
export interface ListenerChannelSettings {
  readonly listenerId: string;
  readonly connection: ActiveMqConnection;
  readonly logger: ConnectionLogger;
  readonly ack: PlannedChannel['ack'];
  /** One for each destination. */
  readonly subscriptions: readonly PlannedSubscription[];
  /** Of each of them. */
  readonly prefetch: number;
  /** Messages, or batches, handled at the same time. */
  readonly concurrency: number;
  /** Set for a batch listener, whose handler gets arrays. */
  readonly batch?: Pick<BatchAdmissionSettings, 'size' | 'timeout' | 'prepare'>;
  readonly toMessage: (frame: StompFrame) => JmsMessage;
  readonly process: Omit<DeliveryProcessSettings, 'onRecover' | 'onSettledLate' | 'onDecidedLate' | 'onUnavailable'>;
  readonly onSubscribed: (brokerUri: string) => void;
  readonly onRefused: (error: Error) => void;
  /** Two unsettled messages of one wildcard subscription have the same id; see {@link SharedMessageIds}. */
  readonly onSharedId: (destination: string, other: string) => void;
  /** A message has left its slot. */
  readonly onSlotEnd: (end: SlotEnd) => void;
}

/**
 * ActiveMQ keeps every message that a `client-individual` subscription acknowledged in a transaction, and the subscription too when it has ended,
 * until its session ends: the session is renewed after so many messages or bytes.
 */
const RENEW_AFTER = 1_000;
const RENEW_AFTER_BYTES = 16 * 1024 * 1024;
/**
 * The subscriptions of a listener, one for each of its destinations, with the slots that work on what they deliver.
 *
 * Never one for several queues: the copies of a composite send share one message id, by which ActiveMQ keeps what a subscription was given, so that
 * the acknowledgement of one copy would count for the other. The slots take the messages of all destinations in the order in which they come.
 */
export class ListenerChannel {
  readonly #settings: ListenerChannelSettings;
  readonly #subscriptions: ListenerSubscriptions;
  readonly #slots: DeliverySlots;
  readonly #process: DeliveryProcess;
  #isStarted = false;
  readonly #renewal: ChannelRenewal;
  #prefetch: number;
  #unavailable: { readonly reason: string } | undefined;

  constructor(settings: ListenerChannelSettings) {
    this.#settings = settings;
    this.#prefetch = settings.prefetch;
    const batches = this.#batchesOf(settings);
    this.#process = new DeliveryProcess({
      ...settings.process,
      ...(batches && { handler: (message) => batches.handle(message) }),
      onRecover: (inFlight) => this.#slots.handleAgain(inFlight),
      onSettledLate: (inFlight) => this.#slots.settled(inFlight),
      onDecidedLate: (inFlight, end) => void this.#slots.settling(inFlight, end),
      onUnavailable: (until, reason) => this.suspend(until, reason),
    });
    this.#slots = new DeliverySlots({
      concurrency: settings.concurrency,
      admission: batches,
      isCumulative: settings.ack === 'client',
      toMessage: ({ frame }) => settings.toMessage(frame),
      run: (inFlight) => this.#process.run(inFlight),
      onEnd: (end) => this.#onSlotEnd(end),
      onUnexpectedError: (error, inFlight) => this.#onUnexpectedError(error, inFlight),
    });
    this.#subscriptions = new ListenerSubscriptions(settings.connection, settings.subscriptions, settings.prefetch, (planned) =>
      this.#observer(planned),
    );
    this.#renewal = new ChannelRenewal({
      listenerId: settings.listenerId,
      logger: settings.logger,
      slots: this.#slots,
      isLeaking: () => this.#isLeaking,
      leaveSession: (timeout) => settings.connection.renewConsumingSession(timeout),
      resubscribe: () => this.#subscriptions.resubscribe(),
    });
  }

  #observer({ isPattern }: PlannedSubscription): MessageConsumerObserver {
    const { onSubscribed, onRefused, onSharedId } = this.#settings;
    const ids = isPattern ? new SharedMessageIds({ isUnsettled: (key) => this.#slots.has(key), onShared: onSharedId }) : undefined;
    return {
      onDelivery: (delivery) => {
        // Of one message at a time there are no two.
        if (this.#prefetch > 1) ids?.see(delivery);
        this.#slots.accept(delivery);
      },
      onSubscribed,
      onRefused,
      onInterrupted: () => void this.#forget(this.#slots.interrupt()),
      rest: () => this.#rest(),
    };
  }

  #batchesOf({ batch, process, concurrency }: ListenerChannelSettings): BatchAdmission | undefined {
    if (!batch) return undefined;
    // As the factory made it: it takes what it is given to the parameters of the method.
    const handler = process.handler as unknown as BatchHandler;
    return new BatchAdmission({ ...batch, concurrency, handler, timers: process.timers ?? SYSTEM_TIMERS, onDue: () => this.#slots.fill() });
  }

  /** Whether the broker has confirmed the subscription on the session that is open now. */
  get isSubscribed(): boolean {
    return this.#subscriptions.isSubscribed;
  }

  /** Why it takes no messages although it is started; `undefined` when it does. */
  get whyUnavailable(): string | undefined {
    return this.#unavailable?.reason;
  }

  /** Messages in a slot that do not just wait there for their next attempt. */
  get running(): number {
    return this.#slots.running;
  }

  /** Messages whose handler has returned without a decision, in manual mode. */
  get undecided(): number {
    return this.#slots.undecided;
  }

  /** Dead letters that failed, and stay unacknowledged. */
  get kept(): number {
    return this.#slots.kept;
  }

  /** Messages delivered and not settled. */
  get unsettled(): number {
    return this.#slots.unsettled;
  }

  /** Asks for so many messages ahead, from the next subscription on: on a started channel as soon as its slots are idle. */
  setPrefetch(prefetch: number): void {
    this.#prefetch = prefetch;
    this.#subscriptions.setPrefetch(prefetch);
    this.#renewal.setOutdated(this.#isStarted);
  }

  /**
   * Changes the number of slots at once, and the prefetch as soon as no handler runs; for a handler that goes on for long it stays as it is for now.
   *
   * @returns whether the prefetch has followed, or will from the next subscription on
   */
  async resize({ concurrency, prefetch }: PlannedChannel): Promise<boolean> {
    this.#slots.resize(concurrency);
    if (prefetch === this.#prefetch) return true;
    this.setPrefetch(prefetch);
    return this.#renewal.upToDate;
  }

  /** Subscribes, now or as soon as there is a broker. */
  start(): void {
    this.#isStarted = true;
    this.#slots.resume('draining');
    if (!this.#unavailable) this.#subscriptions.start();
  }

  /** Starts no further handler; up to a whole prefetch waits here. */
  pause(): void {
    this.#slots.suspend('paused');
  }

  /** Undoes {@link pause}. */
  resume(): void {
    this.#slots.resume('paused');
  }

  /** Takes no messages until the promise resolves: what has not begun goes back to the broker when those handlers have ended that run. */
  suspend(until: Promise<void>, reason: string): void {
    void this.#waitUntilAvailable(until, reason);
  }

  /** Starts no further handler, and resolves when those that run have ended. */
  drained(): Promise<void> {
    this.#isStarted = false;
    this.#slots.drain();
    return this.#slots.idle();
  }

  /**
   * Ends the subscriptions; what is not settled goes back to the broker.
   *
   * @param timeout ms to wait for the broker's receipt
   * @throws what `MessageConsumer.stop` throws
   */
  async stop(timeout: number): Promise<void> {
    const deadline = new Deadline(timeout);
    try {
      await this.#subscriptions.stop(timeout);
    } finally {
      // A claim that cannot be given back in time ends by itself.
      await within(deadline.left, this.#forget(this.#slots.forgetUndecided()));
      this.#slots.resume('paused');
    }
  }

  /** Lets go of the connection; stop it first. */
  dispose(): void {
    this.#subscriptions.dispose();
  }

  #rest(): Rest {
    this.#slots.postpone('resting');
    return { idle: this.#slots.idle().then(() => this.#slots.undecided === 0), end: () => this.#slots.resume('resting') };
  }

  /** It does not throw: a gate does not. */
  async #forget(undecided: readonly InFlightMessage[]): Promise<void> {
    await Promise.all(undecided.map((inFlight) => this.#process.forgetUndecided(inFlight)));
  }

  #onSlotEnd(end: SlotEnd): void {
    this.#settings.onSlotEnd(end);
    this.#renewal.beginIfDue();
  }

  /** Where acknowledgements are cumulative the next one would count for the message whose fate nobody knows: it is given back first. */
  #onUnexpectedError(error: unknown, inFlight: InFlightMessage): void {
    const { ack, process } = this.#settings;
    const isCumulative = ack === 'client';
    if (isCumulative) this.#renewal.begin();
    const fate = isCumulative
      ? 'it goes back to its queue'
      : 'it stays unacknowledged here, and goes back to its queue when this listener stops';
    process.settlement.report.error(
      inFlight,
      `met an error that nobody has dealt with; ${fate}: ${toErrorText(error)}`,
      toErrorStack(error),
    );
  }

  get #isLeaking(): boolean {
    const { messages, bytes } = this.#subscriptions.transactedAcknowledgements;
    return this.#settings.ack === 'client-individual' && (messages >= RENEW_AFTER || bytes >= RENEW_AFTER_BYTES);
  }

  async #waitUntilAvailable(until: Promise<void>, reason: string): Promise<void> {
    const { listenerId, logger } = this.#settings;
    if (this.#unavailable) return;
    this.#unavailable = { reason };
    this.#slots.postpone('unavailable');
    logger.warn(`Listener '${listenerId}' takes no messages for now: ${reason}`);
    try {
      // What waits here goes to others, as soon as nothing runs whose message would go with it; a handler that hangs holds up nobody when that is over.
      const isIdle = await Promise.race([this.#slots.idle().then(() => true), until.then(() => false)]);
      if (isIdle) {
        await this.#subscriptions.stop();
        void this.#forget(this.#slots.forgetUndecided());
      }
    } catch (error) {
      logger.debug(`Listener '${listenerId}': UNSUBSCRIBE was not confirmed: ${toErrorText(error)}`);
    }
    await Promise.allSettled([until]);
    this.#unavailable = undefined;
    this.#slots.resume('unavailable');
    logger.log(`Listener '${listenerId}' takes messages again`);
    if (this.#isStarted) this.#subscriptions.start();
  }
}
