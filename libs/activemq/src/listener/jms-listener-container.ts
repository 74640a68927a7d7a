import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import { Deadline } from '../connection/deadline.js';
import type { SessionTransaction } from '../connection/session-transaction.js';
import type { AttemptGate } from '../delivery/attempt-gate.js';
import { DeliveryMemory } from '../delivery/delivery-memory.js';
import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import type { DeliveryTimers } from '../delivery/delivery-timers.js';
import type { ErrorHandlerFunction } from '../delivery/error-handler.js';
import { toErrorText } from '../delivery/error-text.js';
import { FailureDecider } from '../delivery/failure-decision.js';
import type { MessageHandler } from '../delivery/handler-run.js';
import { Settlement } from '../delivery/settlement.js';
import type { SettlementCounts } from '../delivery/settlement-counts.js';
import { IllegalStateError } from '../errors/index.js';
import { formatDestination, isPattern } from '../message/destination.js';
import { JmsMessage } from '../message/jms-message.js';
import type { MessageConverter } from '../message/message-converter.js';
import { channelPlan, type PlannedChannel } from './channel-plan.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import { ListenerChannel } from './listener-channel.js';
import { resizedEndpoint } from './resized-endpoint.js';
import { subscribeHeaders } from './subscribe-headers.js';
import { SubscriptionGate } from './subscription-gate.js';

/** ms that the broker gets to confirm the end of a subscription, whatever time the handlers have left of the timeout. */
const LEAST_UNSUBSCRIBE = 500;
const LONGEST_UNSUBSCRIBE = 15_000;
/** ms that a copy for the broker's scheduler may take to be confirmed, failovers included; after that its message waits here. */
const SCHEDULED_COPY_TIMEOUT = 30_000;

/**
 * Where a listener stands: `stopped`; `starting` until the broker has registered its subscription, for the first time or after a failover;
 * `running`; `paused`; `stopping` while handlers finish.
 */
export type JmsListenerState = 'stopped' | 'starting' | 'running' | 'paused' | 'stopping';

/** A durable subscription, by the names the broker knows it by. */
export interface DurableSubscription {
  readonly clientId: string;
  readonly subscriptionName: string;
  /** As in `topic://prices`. */
  readonly topic: string;
}

/** What a {@link JmsListenerContainer} works with. */
export interface JmsListenerContainerParts {
  readonly endpoint: JmsListenerEndpoint;
  readonly connection: ActiveMqConnection;
  readonly converter: MessageConverter;
  readonly handler: MessageHandler;
  readonly logger: ConnectionLogger;
  /** Asked about each failed attempt. */
  readonly errorHandler?: ErrorHandlerFunction;
  /** Asked before each attempt. */
  readonly gate?: AttemptGate;
  /** Sends what a handler returned to where it is to go. */
  readonly reply?: (message: JmsMessage, result: unknown) => Promise<void>;
  /** What redelivery delays are waited with; default the computer's. */
  readonly timers?: DeliveryTimers;
  /** Told what became of each delivery. */
  readonly onOutcome?: (outcome: DeliveryOutcome) => void;
}

/**
 * Runs one listener: takes deliveries, hands them to the handler in `concurrency` slots, stops without losing any.
 *
 * Mirrors Spring's `DefaultMessageListenerContainer`.
 */
export class JmsListenerContainer {
  /** The listener's id. */
  readonly id: string;
  /** Where it listens, e.g. `queue://orders`. */
  readonly destination: string;
  /** The durable subscription it consumes; `undefined` when it has none. For health answers, and for deleting it. */
  readonly durableSubscription: DurableSubscription | undefined;
  readonly #logger: ConnectionLogger;
  readonly #settlement: Settlement;
  readonly #createChannel: (plan: PlannedChannel) => ListenerChannel;
  #endpoint: JmsListenerEndpoint;
  #channels: readonly ListenerChannel[];
  /** Those that a smaller concurrency has no use for, until their handlers have ended. */
  readonly #leaving = new Set<ListenerChannel>();
  readonly #subscription = new SubscriptionGate();
  #lifecycle: 'stopped' | 'started' | 'paused' | 'stopping' = 'stopped';
  #stopping: Promise<void> | undefined;
  #startsAgain = false;
  #isDisposed = false;

  /** @internal Made by the registrar. */
  constructor(parts: JmsListenerContainerParts) {
    const { endpoint, logger } = parts;
    this.id = endpoint.id;
    this.destination = endpoint.destinations.map(formatDestination).join(',');
    this.durableSubscription = endpoint.subscriber && { ...endpoint.subscriber, topic: this.destination };
    this.#logger = logger;
    this.#endpoint = endpoint;
    this.#settlement = settlementOf(parts);
    this.#createChannel = this.#channelFactory(parts);
    this.#channels = channelPlan(endpoint).map((plan) => this.#createChannel(plan));
  }

  /** Where the listener stands right now. */
  get state(): JmsListenerState {
    if (this.#lifecycle !== 'started') return this.#lifecycle;
    return this.#isSubscribed ? 'running' : 'starting';
  }

  /** Messages that are handled at the same time at most. */
  get concurrency(): number {
    return this.#endpoint.concurrency;
  }

  /** Messages being handled right now. */
  get activeHandlers(): number {
    return sum(this.#all, ({ running }) => running);
  }

  /** Messages the broker has delivered and that are not settled yet. */
  get unsettledMessages(): number {
    return sum(this.#all, ({ unsettled }) => unsettled);
  }

  /** How many messages met which end since the application started. */
  get counts(): SettlementCounts {
    return this.#settlement.counts;
  }

  /** Subscribes, now or as soon as there is a broker; on a paused listener the same as {@link resume}. */
  start(): void {
    if (this.#isDisposed) throw new IllegalStateError(`Listener '${this.id}' was unregistered; register it again`);
    if (this.#stopping) {
      this.#startsAgain = true;
      return;
    }
    this.#startsAgain = false;
    if (this.#lifecycle === 'paused') this.resume();
    if (this.#lifecycle === 'started') return;
    this.#lifecycle = 'started';
    for (const channel of this.#channels) channel.start();
  }

  /**
   * Resolves when the broker has registered the subscription.
   *
   * @param signal stops waiting
   * @throws BrokerError when the broker refuses it, e.g. for a selector it cannot read
   * @throws IllegalStateError when the listener is stopped meanwhile
   */
  whenSubscribed(signal?: AbortSignal): Promise<void> {
    return this.#isSubscribed ? Promise.resolve() : this.#subscription.wait(signal);
  }

  /** Starts no further handler; what runs goes on, and up to `prefetch` messages wait here for {@link resume}. */
  pause(): void {
    if (this.#lifecycle !== 'started') return;
    this.#lifecycle = 'paused';
    for (const channel of this.#channels) channel.pause();
  }

  /** Undoes {@link pause}. */
  resume(): void {
    if (this.#lifecycle !== 'paused') return;
    this.#lifecycle = 'started';
    for (const channel of this.#channels) channel.resume();
  }

  /**
   * Lets what runs finish and be acknowledged, then unsubscribes: what has not begun goes back to the broker.
   *
   * @param timeout ms to wait for handlers; those still running then have their messages redelivered, here or elsewhere
   */
  stop(timeout: number): Promise<void> {
    // The last call counts: a start() that waits for the end of an earlier stop() is off.
    this.#startsAgain = false;
    if (this.#lifecycle === 'stopped') return Promise.resolve();
    this.#stopping ??= this.#stop(timeout).finally(() => {
      this.#stopping = undefined;
      if (this.#startsAgain) this.start();
    });
    return this.#stopping;
  }

  /**
   * Changes how many messages are handled at the same time: more at once, fewer as handlers end. The prefetch follows, for which the subscription is
   * made anew when no handler runs; one that runs for more than 10 s keeps the old prefetch, and the log says so.
   *
   * @param concurrency 1 to 10 000
   * @returns resolves when the prefetch has followed, or has not
   * @throws ConfigurationError for an impossible number
   */
  async setConcurrency(concurrency: number): Promise<void> {
    const endpoint = resizedEndpoint(this.#endpoint, concurrency);
    this.#endpoint = endpoint;
    const plan = channelPlan(endpoint);
    const [kept, surplus] = [this.#channels.slice(0, plan.length), this.#channels.slice(plan.length)];
    const added = plan.slice(kept.length).map((planned) => this.#createChannel(planned));
    this.#channels = [...kept, ...added];
    for (const channel of added) this.#join(channel);
    const isResized = await Promise.all([
      ...kept.map((channel, index) => this.#resize(channel, plan[index]!)),
      ...surplus.map((channel) => this.#retire(channel)),
    ]);
    if (isResized.every(Boolean)) return;
    this.#logger.warn(`Listener '${this.id}': its prefetch stays as it is, because a handler did not end, or a message is undecided`);
  }

  #resize(channel: ListenerChannel, { ack, concurrency, prefetch }: PlannedChannel): Promise<boolean> {
    return channel.resize(concurrency, subscribeHeaders(this.#endpoint, ack, prefetch));
  }

  #join(channel: ListenerChannel): void {
    if (this.#lifecycle === 'paused') channel.pause();
    if (this.#lifecycle === 'paused' || this.#lifecycle === 'started') channel.start();
  }

  async #retire(channel: ListenerChannel): Promise<boolean> {
    this.#leaving.add(channel);
    await channel.drained();
    await this.#unsubscribe(channel, LONGEST_UNSUBSCRIBE);
    channel.dispose();
    this.#leaving.delete(channel);
    return true;
  }

  async #unsubscribe(channel: ListenerChannel, timeout: number): Promise<void> {
    try {
      await channel.stop(timeout);
    } catch (error) {
      this.#logger.debug(`Listener '${this.id}': UNSUBSCRIBE was not confirmed: ${toErrorText(error)}`);
    }
  }

  get #all(): readonly ListenerChannel[] {
    return [...this.#channels, ...this.#leaving];
  }

  /** @internal Lets go of the connection; it cannot be started again. */
  dispose(): void {
    this.#isDisposed = true;
    for (const channel of this.#channels) channel.dispose();
  }

  /** Why the listener takes no messages although it is started, such as an outage of its idempotency store; `undefined` when it does. */
  get whyUnavailable(): string | undefined {
    return this.#channels.find(({ whyUnavailable }) => whyUnavailable !== undefined)?.whyUnavailable;
  }

  get #isSubscribed(): boolean {
    return this.#channels.every(({ isSubscribed }) => isSubscribed);
  }

  #channelFactory(parts: JmsListenerContainerParts): (plan: PlannedChannel) => ListenerChannel {
    const { endpoint, connection, converter, logger } = parts;
    const memory = new DeliveryMemory();
    const process = {
      listenerId: endpoint.id,
      handler: parts.handler,
      ackMode: endpoint.ackMode,
      redelivery: endpoint.redelivery,
      decider: new FailureDecider(logger, parts.errorHandler),
      settlement: this.#settlement,
      memory,
      gate: parts.gate,
      reply: parts.reply,
      timers: parts.timers,
      inTransaction: <T>(transaction: SessionTransaction, work: () => Promise<T>) => connection.runInTransaction(transaction, work),
    };
    return ({ ack, concurrency, prefetch }) =>
      new ListenerChannel({
        listenerId: endpoint.id,
        connection,
        logger,
        headers: subscribeHeaders(endpoint, ack, prefetch),
        isPattern: isPattern(endpoint.destinations),
        concurrency,
        toMessage: (frame) => new JmsMessage(frame, { convert: (message) => converter.fromMessage(message) }),
        process,
        onSubscribed: (brokerUri) => this.#onSubscribed(brokerUri),
        onRefused: (error) => this.#onRefused(error),
        onUndecided: () => this.#warnOfUndecided(),
      });
  }

  /** The message that has just returned still counts as running. */
  #warnOfUndecided(): void {
    const { prefetch } = this.#endpoint;
    if (sum(this.#all, ({ undecided }) => undecided) + 1 !== prefetch) return;
    this.#logger.warn(
      `Listener '${this.id}': ${prefetch} messages, the whole prefetch, wait for acknowledge(), recover() or reject(): nothing more is delivered until one is decided`,
    );
  }

  async #stop(timeout: number): Promise<void> {
    this.#lifecycle = 'stopping';
    this.#subscription.refuse(new IllegalStateError(`Listener '${this.id}' was stopped`));
    const deadline = new Deadline(Math.max(1, timeout));
    let timer: NodeJS.Timeout | undefined;
    const drained = Promise.all(this.#all.map((channel) => channel.drained()));
    await Promise.race([drained, new Promise<void>((resolve) => (timer = setTimeout(resolve, deadline.left)))]);
    clearTimeout(timer);
    if (this.activeHandlers > 0) {
      this.#logger.warn(
        `Listener '${this.id}': ${this.activeHandlers} handler(s) still run after ${timeout} ms; their messages will be redelivered`,
      );
    }
    const undecided = sum(this.#all, (channel) => channel.undecided);
    const left = Math.min(Math.max(deadline.left, LEAST_UNSUBSCRIBE), LONGEST_UNSUBSCRIBE);
    await Promise.all(this.#all.map((channel) => this.#unsubscribe(channel, left)));
    this.#lifecycle = 'stopped';
    this.#logger.log(`Listener '${this.id}' stopped: ${this.#summary(undecided)}`);
  }

  #summary(undecided: number): string {
    const { acknowledged, duplicates, redeliveries, deadLettered, discarded, deferred } = this.counts;
    return [
      `${acknowledged} acknowledged`,
      `${duplicates} duplicates`,
      `${redeliveries} redeliveries`,
      `${deadLettered} dead-lettered`,
      ...(discarded === 0 ? [] : [`${discarded} discarded`]),
      ...(deferred === 0 ? [] : [`${deferred} deferred`]),
      ...(undecided === 0 ? [] : [`${undecided} undecided and given back`]),
    ].join(', ');
  }

  #onSubscribed(brokerUri: string): void {
    if (!this.#isSubscribed) return;
    this.#logger.debug(`Listener '${this.id}' is subscribed to ${this.destination} at ${brokerUri}`);
    this.#subscription.open();
  }

  #onRefused(error: Error): void {
    this.#logger.error(
      `Listener '${this.id}': the broker refused the subscription to ${this.destination}, it is tried again: ${toErrorText(error)}`,
    );
    this.#subscription.refuse(error);
  }
}

function settlementOf({ endpoint, connection, logger, onOutcome }: JmsListenerContainerParts): Settlement {
  return new Settlement({
    listenerId: endpoint.id,
    logger,
    deadLetterStrategy: endpoint.deadLetter,
    subscriber: endpoint.subscriber,
    application: endpoint.application,
    // Of no transaction: the message is acknowledged only when its copy is stored.
    send: (headers, body) => connection.runInTransaction(undefined, () => connection.send(headers, body, SCHEDULED_COPY_TIMEOUT)),
    onOutcome,
  });
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
