import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import { Deadline } from '../connection/deadline.js';
import type { MessageConsumer, MessageConsumerObserver } from '../connection/message-consumer.js';
import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { DeliveryMemory } from '../delivery/delivery-memory.js';
import { DeliveryProcess, type MessageHandler } from '../delivery/delivery-process.js';
import type { DeliveryTimers } from '../delivery/delivery-timers.js';
import { DeliverySlots } from '../delivery/delivery-slots.js';
import { toErrorStack, toErrorText } from '../delivery/error-text.js';
import { Settlement, type SettlementCounts } from '../delivery/settlement.js';
import { IllegalStateError } from '../errors/index.js';
import { formatDestination, isPattern } from '../message/destination.js';
import { JmsMessage } from '../message/jms-message.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import type { ReplySender } from './reply-sender.js';
import { subscribeHeaders } from './subscribe-headers.js';
import { SubscriptionGate } from './subscription-gate.js';

/** ms that the broker gets to confirm the end of a subscription, whatever time the handlers have left of the timeout. */
const LEAST_UNSUBSCRIBE = 500;
const LONGEST_UNSUBSCRIBE = 15_000;

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
  /** Sends what the handler returns; without it results are dropped. */
  readonly replies?: ReplySender;
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
  /** The durable subscription it consumes; `undefined` when it has none. Listed for health answers, and for deleting it. */
  readonly durableSubscription: DurableSubscription | undefined;
  readonly #connection: ActiveMqConnection;
  readonly #consumer: MessageConsumer;
  readonly #logger: ConnectionLogger;
  readonly #settlement: Settlement;
  readonly #slots: DeliverySlots;
  readonly #subscription = new SubscriptionGate();
  #lifecycle: 'stopped' | 'started' | 'paused' | 'stopping' = 'stopped';
  #stopping: Promise<void> | undefined;
  #startsAgain = false;
  #isDisposed = false;

  /** @internal Made by the registrar. */
  constructor({ endpoint, connection, converter, handler, logger, replies, timers, onOutcome }: JmsListenerContainerParts) {
    this.id = endpoint.id;
    this.destination = endpoint.destinations.map(formatDestination).join(',');
    this.durableSubscription = durableSubscriptionOf(endpoint, this.destination);
    this.#connection = connection;
    this.#logger = logger;
    this.#settlement = new Settlement(endpoint.id, logger, (outcome) => {
      onOutcome?.(outcome);
      if (outcome.kind === 'dead-lettered') void replies?.replyError(outcome.message, outcome.error ?? new Error(outcome.reason));
    });
    const process = new DeliveryProcess({
      handler: replies ? replying(handler, replies) : handler,
      ackMode: endpoint.ackMode,
      policy: endpoint.redelivery,
      settlement: this.#settlement,
      memory: new DeliveryMemory(),
      timers,
      onRecover: (inFlight) => this.#slots.handleAgain(inFlight),
      onSettledLate: (inFlight) => this.#slots.settled(inFlight),
    });
    this.#slots = new DeliverySlots({
      concurrency: endpoint.concurrency,
      toMessage: ({ frame }) => new JmsMessage(frame, { convert: (message) => converter.fromMessage(message) }),
      run: async (inFlight) => {
        const isSettled = await process.run(inFlight);
        if (!isSettled) this.#warnOfUndecided(endpoint.prefetch);
        return isSettled;
      },
      onUnexpectedError: (error) => logger.error(`Listener '${this.id}': ${toErrorText(error)}`, toErrorStack(error)),
    });
    this.#consumer = connection.createConsumer(
      { headers: subscribeHeaders(endpoint), isPattern: isPattern(endpoint.destinations) },
      this.#observer(),
    );
  }

  /** Where the listener stands right now. */
  get state(): JmsListenerState {
    if (this.#lifecycle !== 'started') return this.#lifecycle;
    return this.#consumer.isSubscribed ? 'running' : 'starting';
  }

  /** Messages being handled right now. */
  get activeHandlers(): number {
    return this.#slots.running;
  }

  /** Messages the broker has delivered and that are not settled yet. */
  get unsettledMessages(): number {
    return this.#slots.unsettled;
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
    this.#slots.resume();
    this.#consumer.start();
  }

  /**
   * Resolves when the broker has registered the subscription.
   *
   * @param signal stops waiting
   * @throws BrokerError when the broker refuses it, e.g. for a selector it cannot read
   * @throws IllegalStateError when the listener is stopped meanwhile
   */
  whenSubscribed(signal?: AbortSignal): Promise<void> {
    return this.#consumer.isSubscribed ? Promise.resolve() : this.#subscription.wait(signal);
  }

  /** Starts no further handler; what runs goes on, and up to `prefetch` messages wait here for {@link resume}. */
  pause(): void {
    if (this.#lifecycle !== 'started') return;
    this.#lifecycle = 'paused';
    this.#slots.suspend();
  }

  /** Undoes {@link pause}. */
  resume(): void {
    if (this.#lifecycle !== 'paused') return;
    this.#lifecycle = 'started';
    this.#slots.resume();
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

  /** @internal Lets go of the connection; it cannot be started again. */
  dispose(): void {
    this.#isDisposed = true;
    this.#connection.removeConsumer(this.#consumer);
  }

  /** The message that has just returned still counts as running. */
  #warnOfUndecided(prefetch: number): void {
    if (this.#slots.undecided + 1 !== prefetch) return;
    this.#logger.warn(
      `Listener '${this.id}': ${prefetch} messages, the whole prefetch, wait for acknowledge(), recover() or reject(): nothing more is delivered until one is decided`,
    );
  }

  async #stop(timeout: number): Promise<void> {
    this.#lifecycle = 'stopping';
    this.#subscription.refuse(new IllegalStateError(`Listener '${this.id}' was stopped`));
    this.#slots.drain();
    const deadline = new Deadline(Math.max(1, timeout));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#slots.idle(), new Promise<void>((resolve) => (timer = setTimeout(resolve, deadline.left)))]);
    clearTimeout(timer);
    if (this.#slots.running > 0) {
      this.#logger.warn(
        `Listener '${this.id}': ${this.#slots.running} handler(s) still run after ${timeout} ms; their messages will be redelivered`,
      );
    }
    try {
      await this.#consumer.stop(Math.min(Math.max(deadline.left, LEAST_UNSUBSCRIBE), LONGEST_UNSUBSCRIBE));
    } catch (error) {
      this.#logger.debug(`Listener '${this.id}': UNSUBSCRIBE was not confirmed: ${toErrorText(error)}`);
    }
    const { undecided } = this.#slots;
    this.#slots.forgetUndecided();
    this.#lifecycle = 'stopped';
    const { acknowledged, duplicates, redeliveries, deadLettered } = this.counts;
    const left = undecided === 0 ? '' : `, ${undecided} undecided and given back`;
    this.#logger.log(
      `Listener '${this.id}' stopped: ${acknowledged} acknowledged, ${duplicates} duplicates, ${redeliveries} redeliveries, ${deadLettered} dead-lettered${left}`,
    );
  }

  #observer(): MessageConsumerObserver {
    return {
      onDelivery: (delivery) => this.#slots.accept(delivery),
      onSubscribed: (brokerUri) => {
        this.#logger.debug(`Listener '${this.id}' is subscribed to ${this.destination} at ${brokerUri}`);
        this.#subscription.open();
      },
      onRefused: (error) => {
        this.#logger.error(
          `Listener '${this.id}': the broker refused the subscription to ${this.destination}, it is tried again: ${toErrorText(error)}`,
        );
        this.#subscription.refuse(error);
      },
      onInterrupted: () => this.#slots.interrupt(),
    };
  }
}

function durableSubscriptionOf({ clientId, subscription }: JmsListenerEndpoint, topic: string): DurableSubscription | undefined {
  return clientId === undefined || subscription === undefined ? undefined : { clientId, subscriptionName: subscription, topic };
}

/** Replies before the message is acknowledged: a reply that cannot be sent is a failed attempt. */
function replying(handler: MessageHandler, replies: ReplySender): MessageHandler {
  return async (message, acknowledgment) => {
    const result = await handler(message, acknowledgment);
    const decision = acknowledgment.decision?.kind ?? 'acknowledge';
    if (decision === 'acknowledge') await replies.reply(message, result);
    return result;
  };
}
