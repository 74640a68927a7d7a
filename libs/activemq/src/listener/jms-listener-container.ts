import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { AttemptGate, GateSnapshot } from '../delivery/attempt-gate.js';
import { toErrorText } from '../errors/error-text.js';
import type { SlotEnd } from '../delivery/slot-end.js';
import type { SettlementCounts } from '../delivery/settlement-counts.js';
import { DeliveryMemory } from '../delivery/delivery-memory.js';
import { SettlementReport } from '../delivery/settlement-report.js';
import { IllegalStateError } from '../errors/index.js';
import { formatDestination } from '../message/destination.js';
import { channelPlan, mostUnsettled, slotsOf } from './channel-plan.js';
import { crashLoopGuardOf } from './crash-loop-guard-of.js';
import { describeCounts } from './describe-counts.js';
import { GuardedStart } from './guarded-start.js';
import { HandlerContext } from './handler-context.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import type { JmsListenerContainerParts } from './jms-listener-container-parts.js';
import type { ListenerChannel } from './listener-channel.js';
import { channelFactory } from './listener-channel.factory.js';
import type { DurableSubscription } from './durable-subscription.js';
import { ListenerChannels } from './listener-channels.js';
import type { JmsListenerState } from './jms-listener-state.js';
import { resizedEndpoint } from './resized-endpoint.js';
import { brokerWarnings } from './start-warnings.js';
import { assertStopTimeout, DEFAULT_STOP_TIMEOUT, StopDeadline } from './stop-deadline.js';
import { SubscriptionGate } from './subscription-gate.js';
import { usedUpPrefetchWarning } from './used-up-prefetch-warning.js';

/** ms that the broker gets to confirm the end of a subscription, whatever time the handlers have left of the timeout. */
const LEAST_UNSUBSCRIBE = 500;
const LONGEST_UNSUBSCRIBE = 15_000;

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
  readonly #connection: ActiveMqConnection;
  readonly #logger: ConnectionLogger;
  readonly #report: SettlementReport;
  readonly #memory = new DeliveryMemory();
  readonly #channels: ListenerChannels;
  #endpoint: JmsListenerEndpoint;
  readonly #subscription = new SubscriptionGate();
  #lifecycle: 'stopped' | 'started' | 'paused' | 'stopping' = 'stopped';
  readonly #shutdownTimeout: number;
  #stopping: { readonly deadline: StopDeadline; readonly ended: Promise<void> } | undefined;
  #startsAgain = false;
  readonly #gate: AttemptGate | undefined;
  readonly #handlers = new HandlerContext();
  #isUnregistered = false;
  readonly #starter: GuardedStart;

  /** @internal Made by the registrar. */
  constructor(parts: JmsListenerContainerParts) {
    const { endpoint, connection, logger } = parts;
    this.#connection = connection;
    this.id = endpoint.id;
    this.destination = endpoint.destinations.map(formatDestination).join(',');
    this.durableSubscription = endpoint.subscriber && { ...endpoint.subscriber, topic: this.destination };
    this.#logger = logger;
    this.#shutdownTimeout = parts.shutdownTimeout ?? DEFAULT_STOP_TIMEOUT;
    this.#endpoint = endpoint;
    this.#report = new SettlementReport(endpoint.id, logger, parts.onOutcome);
    this.#remember();
    const guard = crashLoopGuardOf(parts);
    this.#channels = new ListenerChannels(channelPlan(endpoint), {
      create: channelFactory(
        { ...parts, handler: this.#handlers.wrap(parts.handler) },
        {
          guard,
          memory: this.#memory,
          report: this.#report,
          onSubscribed: (brokerUri) => this.#onSubscribed(brokerUri),
          onRefused: (error) => this.#onRefused(error),
          onSlotEnd: (end) => this.#onSlotEnd(end),
        },
      ),
      onJoined: (channel) => this.#join(channel),
      unsubscribe: (channel) => this.#unsubscribe(channel, LONGEST_UNSUBSCRIBE),
    });
    this.#starter = new GuardedStart({
      listenerId: this.id,
      destination: this.destination,
      logger,
      guard,
      channels: () => this.#channels.active,
      onThrough: () => this.#onThrough(),
    });
    this.#gate = parts.gate;
    parts.gate?.attach?.({ suspend: (until, reason) => this.#channels.suspend(until, reason) });
  }

  /** Where the listener stands right now. */
  get state(): JmsListenerState {
    if (this.#lifecycle !== 'started') return this.#lifecycle;
    return this.#isSubscribed ? 'running' : 'starting';
  }

  /** Messages that are handled at the same time at most. */
  get concurrency(): number {
    return slotsOf(this.#endpoint);
  }

  /** Messages being handled right now; not those that wait for their next attempt. */
  get activeHandlers(): number {
    return this.#channels.sum(({ running }) => running);
  }

  /** Messages the broker has delivered and that are not settled yet. */
  get unsettledMessages(): number {
    return this.#channels.sum(({ unsettled }) => unsettled);
  }

  /** Why the listener takes no messages although it is started, such as an outage of its idempotency store; `undefined` when it does. */
  get whyUnavailable(): string | undefined {
    return this.#channels.active.find(({ whyUnavailable }) => whyUnavailable !== undefined)?.whyUnavailable;
  }

  /** @internal Whether it was unregistered, or is being: it cannot be started again. */
  get isUnregistered(): boolean {
    return this.#isUnregistered;
  }

  /** @internal Whether its own handler asks, and has not ended yet. */
  get isInOwnHandler(): boolean {
    return this.#handlers.isInside;
  }

  /** What its gate counted, e.g. the claims of idempotency; `undefined` when it has none. */
  get gate(): GateSnapshot | undefined {
    return this.#gate?.snapshot;
  }

  /** How many messages met which end since the application started. */
  get counts(): SettlementCounts {
    return this.#report.counts;
  }

  /**
   * Subscribes, now or as soon as there is a broker; one that is stopping starts again when it has stopped; on a paused one the same as
   * {@link resume}.
   *
   * @throws IllegalStateError when it was unregistered, or is being
   */
  start(): void {
    this.#assertRegistered();
    if (this.#stopping) {
      this.#startsAgain = true;
      return;
    }
    this.#startsAgain = false;
    if (this.#lifecycle === 'paused') this.resume();
    if (this.#lifecycle === 'started') return;
    this.#lifecycle = 'started';
    this.#starter.start();
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
    for (const channel of this.#channels.active) channel.pause();
  }

  /** Undoes {@link pause}. */
  resume(): void {
    if (this.#lifecycle !== 'paused') return;
    this.#lifecycle = 'started';
    for (const channel of this.#channels.active) channel.resume();
  }

  /**
   * Lets what runs finish and be acknowledged, then unsubscribes: what has not begun goes back to the broker.
   *
   * While it stops, another call can only shorten the time.
   *
   * @param timeout ms to wait for handlers; default the connection's `shutdownTimeout`. Those still running then have their messages redelivered,
   *   here or elsewhere
   * @throws ConfigurationError for an impossible timeout
   */
  async stop(timeout = this.#shutdownTimeout): Promise<void> {
    assertStopTimeout(this.id, timeout);
    // The last call counts: a start() that waits for the end of an earlier stop() is off.
    this.#startsAgain = false;
    if (this.#lifecycle === 'stopped') return;
    if (this.#stopping) {
      this.#stopping.deadline.shorten(timeout);
    } else {
      const deadline = new StopDeadline(timeout);
      this.#stopping = { deadline, ended: this.#stop(deadline).finally(() => this.#onStopped()) };
    }
    await this.#stopping.ended;
  }

  /**
   * Changes how many messages are handled at the same time: more at once, fewer as handlers end. The prefetch follows when no handler runs, for
   * which no other one starts for up to 10 s; where that is not enough it is tried again after a minute, when a message has been handled. In
   * `transacted` mode the subscription of a slot too many ends with its handler, however long that takes. While messages that came back are
   * handled one at a time, all of it follows after those.
   *
   * @param concurrency 1 to 10 000
   * @returns resolves when all of it has followed, or after those 10 s, when the log says that it has not
   * @throws ConfigurationError for an impossible number
   * @throws IllegalStateError when it was unregistered, or is being
   */
  async setConcurrency(concurrency: number): Promise<void> {
    this.#assertRegistered();
    this.#endpoint = resizedEndpoint(this.#endpoint, concurrency);
    this.#remember();
    if (this.#starter.isAlone) return;
    if (await this.#channels.resize(channelPlan(this.#endpoint))) return;
    this.#logger.warn(
      `Listener '${this.id}': its prefetch, or a subscription of more slots, stays as it is for now: a handler still runs, or a message is undecided`,
    );
  }

  /** @internal From here on it cannot be started again: what would start while it is being unregistered would never be stopped. */
  retire(): void {
    this.#isUnregistered = true;
  }

  /** @internal Lets go of the connection; it cannot be started again. */
  dispose(): void {
    this.retire();
    this.#channels.dispose();
  }

  /** After a failover all that was delivered comes again, perhaps behind as many others. */
  #remember(): void {
    this.#memory.deepen(2 * mostUnsettled(this.#endpoint));
  }

  #assertRegistered(): void {
    if (this.#isUnregistered) throw new IllegalStateError(`Listener '${this.id}' was unregistered; register it again`);
  }

  #join(channel: ListenerChannel): void {
    if (this.#lifecycle === 'paused') channel.pause();
    // While messages that came back are handled one at a time, the others are started after them.
    if (this.#isUp && !this.#starter.holdsBack) channel.start();
  }

  async #unsubscribe(channel: ListenerChannel, timeout: number): Promise<void> {
    try {
      await channel.stop(timeout);
    } catch (error) {
      this.#logger.debug(`Listener '${this.id}': UNSUBSCRIBE was not confirmed: ${toErrorText(error)}`);
    }
  }

  /** Whether it is subscribed, or about to be: started, paused or not. */
  get #isUp(): boolean {
    return this.#lifecycle === 'started' || this.#lifecycle === 'paused';
  }

  get #isSubscribed(): boolean {
    return this.#starter.channels.every(({ isSubscribed }) => isSubscribed);
  }

  #onSlotEnd(end: SlotEnd): void {
    const isHeld = end === 'undecided' || end === 'kept';
    const warning =
      isHeld &&
      usedUpPrefetchWarning(
        this.#endpoint,
        this.#channels.sum(({ undecided, kept }) => undecided + kept),
      );
    if (warning) this.#logger.warn(warning);
    this.#starter.slotEnded(end);
  }

  /** What came back is through: the channels get what was planned meanwhile. Also while it is paused: they subscribe, and handle nothing. */
  #onThrough(): void {
    void this.#channels.resize(channelPlan(this.#endpoint));
    if (this.#isUp) this.#starter.start();
  }

  #onStopped(): void {
    this.#stopping = undefined;
    if (this.#startsAgain) this.start();
  }

  async #stop(deadline: StopDeadline): Promise<void> {
    this.#lifecycle = 'stopping';
    const wasAlone = this.#starter.stop();
    this.#subscription.refuse(new IllegalStateError(`Listener '${this.id}' was stopped`));
    await Promise.race([Promise.all(this.#channels.all.map((channel) => channel.drained())), deadline.over]);
    deadline.clear();
    if (this.activeHandlers > 0) {
      this.#logger.warn(
        `Listener '${this.id}': ${this.activeHandlers} handler(s) still run after ${deadline.total} ms; their messages will be redelivered`,
      );
    }
    const undecided = this.#channels.sum((channel) => channel.undecided);
    const left = Math.min(Math.max(deadline.left, LEAST_UNSUBSCRIBE), LONGEST_UNSUBSCRIBE);
    await Promise.all(this.#channels.all.map((channel) => this.#unsubscribe(channel, left)));
    if (wasAlone) await this.#channels.resize(channelPlan(this.#endpoint));
    this.#lifecycle = 'stopped';
    this.#logger.log(`Listener '${this.id}' stopped: ${describeCounts(this.counts, undecided)}`);
  }

  #onSubscribed(brokerUri: string): void {
    if (!this.#isSubscribed) return;
    this.#logger.debug(`Listener '${this.id}' is subscribed to ${this.destination} at ${brokerUri}`);
    for (const warning of brokerWarnings(this.#endpoint, this.#connection.server)) this.#logger.warn(warning);
    this.#subscription.open();
  }

  #onRefused(error: Error): void {
    this.#logger.error(
      `Listener '${this.id}': the broker refused the subscription to ${this.destination}, it is tried again: ${toErrorText(error)}`,
    );
    this.#subscription.refuse(error);
  }
}
