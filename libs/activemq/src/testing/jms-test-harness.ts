import { ModuleRef } from '@nestjs/core';
import { v7 as uuidv7 } from 'uuid';

import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import type { ManualClock } from '../embedded/broker/manual-clock.js';
import type { QueueInspector } from '../embedded/queue-inspector.js';
import { IllegalStateError } from '../errors/index.js';
import { DEFAULT_CONNECTION_NAME } from '../connection/connection-settings.js';
import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import type { SendOptions } from '../message/outgoing-message.js';
import type { ActiveMqModuleOptions } from '../module/activemq-module-options.js';
import { ActiveMqOptionsCustomizer } from '../module/activemq-options-customizer.js';
import { getJmsTemplateToken } from '../module/tokens.js';
import type { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import type { SendResult } from '../template/message-sender.js';
import { type SentMessage, SentMessages } from '../template/sent-messages.js';
import { acknowledgementArrival } from './acknowledgement-arrival.js';
import { describeState } from './describe-state.js';
import { type JmsTestHarnessOptions, type ResolvedHarnessOptions, resolveHarnessOptions } from './jms-test-harness-options.js';
import { isFinal, type OutcomeMatch, outcomePredicate, type OutcomePredicate, type SentPredicate, wasSentTo } from './matches.js';
import { ObservedActivity } from './observed-activity.js';
import { restartListeners } from './restart-listeners.js';
import { SkippedDelays } from './skipped-delays.js';
import type { DeadLetter, TestBroker } from './test-broker.js';
import { NO_APPLICATION, TestBrokers } from './test-brokers.js';
import type { OutcomeWaitOptions, WaitOptions } from './wait-options.js';
import { WatchedTimers } from './watched-timers.js';

/** What {@link JmsTestHarness.redirect} needs of the `TestingModuleBuilder` of `@nestjs/testing`. */
export interface OverridableModuleBuilder {
  overrideProvider(token: unknown): {
    useFactory(options: { factory: (...dependencies: never[]) => unknown; inject?: unknown[] }): unknown;
  };
}

/** How a test publishes. */
export interface TestPublishOptions extends SendOptions {
  /** The named connection to publish on, and whose broker gets the message; default the one without a name. */
  readonly connection?: string;
}

/**
 * Runs an application on an embedded broker of the test's own, publishes to its listeners and awaits what they did. Nothing is mocked: what
 * is tested is the application's own module, template and listeners.
 *
 * @example
 * ```ts
 * const harness = new JmsTestHarness();
 * const app = await harness.redirect(Test.createTestingModule({ imports: [AppModule] })).compile();
 * await app.init();
 * expect(await harness.publishAndWait('orders', { id: 1 })).toMatchObject({ kind: 'acknowledged', attempts: 1 });
 * ```
 */
export class JmsTestHarness {
  readonly #options: ResolvedHarnessOptions;
  readonly #brokers: TestBrokers;
  readonly #timers: WatchedTimers | undefined;
  readonly #activity = new ObservedActivity(() => this.#state());
  #application: { readonly registry: JmsListenerEndpointRegistry; readonly moduleRef: ModuleRef } | undefined;

  /** @throws ConfigurationError for an unknown option or an impossible value */
  constructor(options: JmsTestHarnessOptions = {}) {
    this.#options = resolveHarnessOptions(options);
    this.#brokers = new TestBrokers(this.#options.broker, this.#options.clock);
    this.#timers = this.#options.clock && new WatchedTimers(this.#options.clock);
    this.#activity.observe(({ kind, delay }) => kind === 'retrying' && this.#timers?.announce(delay));
  }

  /**
   * Leads every connection of the application under test to an embedded broker, one broker for each named connection, whatever its
   * `brokerUrl` says; all its other options hold, but `startup` is `wait`: listeners are subscribed when `app.init()` resolves.
   *
   * @param builder what `Test.createTestingModule({ imports: [AppModule] })` returns
   */
  redirect<Builder extends OverridableModuleBuilder>(builder: Builder): Builder {
    builder.overrideProvider(ActiveMqOptionsCustomizer).useFactory({
      inject: [JmsListenerEndpointRegistry, SentMessages, ModuleRef],
      factory: (registry: JmsListenerEndpointRegistry, sent: SentMessages, moduleRef: ModuleRef) => {
        this.attach(registry, sent, moduleRef);
        return { customize: (name: string, given: ActiveMqModuleOptions) => this.customize(name, given) };
      },
    });
    return builder;
  }

  /** @internal Observes an application. */
  attach(registry: JmsListenerEndpointRegistry, sent: SentMessages, moduleRef: ModuleRef): void {
    this.#application = { registry, moduleRef };
    this.#activity.attach(registry, sent);
  }

  /** @internal The options of one connection, led to its embedded broker. */
  async customize(name: string, given: ActiveMqModuleOptions): Promise<ActiveMqModuleOptions> {
    const { overrides } = this.#options;
    const broker = await this.#brokers.provide(name);
    return { ...given, startup: 'wait', ...overrides, brokerUrl: broker.url, embeddedBroker: broker, timers: this.#timers };
  }

  /**
   * Moves time: redelivery delays, schedules and expiry go by it.
   *
   * @throws IllegalStateError when the harness was told to use the computer's clock
   */
  get clock(): ManualClock {
    if (this.#options.clock) return this.#options.clock;
    throw new IllegalStateError("This harness was made with { clock: 'system' }: time cannot be moved by it; leave `clock` out");
  }

  /** The broker of the connection without a name. */
  get broker(): TestBroker {
    return this.brokerOf(DEFAULT_CONNECTION_NAME);
  }

  /**
   * The broker of a named connection.
   *
   * @throws IllegalStateError when the application has no such connection, or does not exist yet
   */
  brokerOf(connection: string): TestBroker {
    return this.#brokers.get(connection);
  }

  /** Looks at a queue of a broker; see {@link TestBroker.queue}. */
  queue(name: string, connection: string = DEFAULT_CONNECTION_NAME): QueueInspector {
    return this.brokerOf(connection).queue(name);
  }

  /** What stands in the dead letter queues of a broker; see {@link TestBroker.deadLetters}. */
  deadLetters(connection: string = DEFAULT_CONNECTION_NAME): readonly DeadLetter[] {
    return this.brokerOf(connection).deadLetters();
  }

  /** What became of each delivery since the last {@link JmsTestHarness.reset}, in order; the last 10 000. */
  get outcomes(): readonly DeliveryOutcome[] {
    return this.#activity.outcomes;
  }

  /** What the application has sent and the broker confirmed, in order, without what the harness published; the last 10 000. */
  get sent(): readonly SentMessage[] {
    return this.#activity.sent;
  }

  /** What the application has sent to a destination, or to several with this one among them, e.g. `sentTo('orders')`. */
  sentTo(destination: string): readonly SentMessage[] {
    return this.sent.filter(wasSentTo(destination));
  }

  /**
   * Sends a message as another service would, through the application's own template and converter.
   *
   * @throws SendError when the broker does not confirm it within `sendTimeout`; default the harness's `timeout`
   */
  async publish(destination: string, payload: unknown, options: TestPublishOptions = {}): Promise<SendResult> {
    const { connection, idempotencyKey = uuidv7(), ...given } = options;
    const template = this.#template(connection ?? DEFAULT_CONNECTION_NAME);
    this.#activity.publishes(idempotencyKey);
    return template.convertAndSend(destination, payload, { sendTimeout: this.#options.timeout, ...given, idempotencyKey });
  }

  /**
   * Publishes a message and resolves with its end: `acknowledged` or `dead-lettered`, after so many `attempts` and for that `reason`,
   * `duplicate` or `kept`. Redelivery delays are skipped, here and in the broker's scheduler, and so is the wait for the rest of a batch. With several listeners at the destination the first one counts.
   *
   * @throws JmsTestTimeoutError telling what was seen instead
   * @throws SendError when the message could not be published
   */
  async publishAndWait(
    destination: string,
    payload: unknown,
    options: TestPublishOptions & OutcomeWaitOptions & { readonly listenerId?: string } = {},
  ): Promise<DeliveryOutcome> {
    const { timeout, skipDelays = true, listenerId, idempotencyKey = uuidv7(), ...given } = options;
    const isMine = outcomePredicate({ idempotencyKey, listenerId });
    // A test may publish one key twice: the end of the first one is not that of the second.
    const earlier = new Set(this.outcomes.filter(isMine));
    const skipped = this.#skip(isMine, skipDelays);
    try {
      await this.publish(destination, payload, { ...given, idempotencyKey });
      void skipped?.skipWait();
      const matches: OutcomePredicate = (outcome) => isMine(outcome) && isFinal(outcome) && !earlier.has(outcome);
      return await this.#first({ matches, timeout, what: `end of the message to ${destination} (${idempotencyKey})` });
    } finally {
      skipped?.end();
    }
  }

  /**
   * Resolves with the first outcome that matches, one seen since the last {@link JmsTestHarness.reset} included.
   *
   * @throws JmsTestTimeoutError telling what was seen instead
   * @example await harness.waitForOutcome({ listenerId: 'orders', kind: 'retrying' }); harness.clock.advance(1000);
   */
  async waitForOutcome(match: OutcomeMatch | OutcomePredicate, options: OutcomeWaitOptions = {}): Promise<DeliveryOutcome> {
    const [outcome] = await this.waitForOutcomes(match, 1, options);
    return outcome as DeliveryOutcome;
  }

  /** Resolves with the first `count` outcomes that match; see {@link JmsTestHarness.waitForOutcome}. */
  async waitForOutcomes(
    match: OutcomeMatch | OutcomePredicate,
    count: number,
    { timeout, skipDelays = false }: OutcomeWaitOptions = {},
  ): Promise<readonly DeliveryOutcome[]> {
    const which = typeof match === 'function' ? 'for which the predicate holds' : JSON.stringify(match);
    const what = `${count === 1 ? 'outcome' : `${count} outcomes`} ${which}`;
    const skipped = this.#skip(() => true, skipDelays);
    void skipped?.skipWait();
    try {
      return await this.#outcomesLike({ matches: outcomePredicate(match), timeout, count, what });
    } finally {
      skipped?.end();
    }
  }

  /**
   * Resolves with the first message sent to a destination, or that matches, one seen since the last {@link JmsTestHarness.reset} included.
   *
   * @throws JmsTestTimeoutError telling what was sent instead
   */
  async waitForSent(match: string | SentPredicate, { timeout = this.#options.timeout }: WaitOptions = {}): Promise<SentMessage> {
    const [what, matches] = typeof match === 'string' ? [`message to ${match}`, wasSentTo(match)] : ['such message', match];
    const [sent] = await this.#activity.sentLike({ matches, what, timeout });
    return sent as SentMessage;
  }

  /**
   * Begins anew for the next test on the same application: heals and starts its brokers, restarts the listeners that run, so that no
   * redelivery of an earlier test is due, empties queues and schedules, forgets outcomes and what was sent. Time stays what it is.
   */
  async reset(): Promise<void> {
    const { registry } = this.#attached();
    for (const broker of this.#brokers.all) {
      broker.heal();
      await broker.start();
    }
    await restartListeners(registry, this.#options.timeout, () => {
      for (const broker of this.#brokers.all) broker.purge();
    });
    this.#activity.clear();
  }

  /** Ends the brokers and what is observed; after `app.close()`. Until then queues can still be looked at. */
  async close(): Promise<void> {
    this.#activity.detach();
    await Promise.all(this.#brokers.all.map((broker) => broker.stop()));
  }

  #skip(matches: OutcomePredicate, skips: boolean): SkippedDelays | undefined {
    const { clock } = this.#options;
    if (!skips || !clock || !this.#timers) return undefined;
    return new SkippedDelays(matches, {
      clock,
      timers: this.#timers,
      observe: (observer) => this.#activity.observe(observer),
      scheduledIn: (key) => this.#brokers.scheduledIn(key),
      isBusy: () =>
        this.#attached()
          .registry.getListenerContainers()
          .some(({ activeHandlers }) => activeHandlers > 0),
    });
  }

  async #first(wait: OutcomeWait): Promise<DeliveryOutcome> {
    const [outcome] = await this.#outcomesLike(wait);
    return outcome as DeliveryOutcome;
  }

  async #outcomesLike(wait: OutcomeWait): Promise<readonly DeliveryOutcome[]> {
    const outcomes = await this.#activity.outcomesLike({ ...wait, timeout: wait.timeout ?? this.#options.timeout });
    for (const outcome of outcomes) await acknowledgementArrival(outcome, this.#brokers.all);
    return outcomes;
  }

  #state(): string {
    const containers = this.#attached().registry.getListenerContainers();
    return describeState({ containers, brokers: this.#brokers, outcomes: this.outcomes, timers: this.#timers });
  }

  #template(connection: string): JmsMessagingTemplate {
    const { moduleRef } = this.#attached();
    // Asked before Nest is: its error would not say which connections there are.
    this.brokerOf(connection);
    return moduleRef.get<JmsMessagingTemplate>(getJmsTemplateToken(connection) as string, { strict: false });
  }

  #attached(): { readonly registry: JmsListenerEndpointRegistry; readonly moduleRef: ModuleRef } {
    if (this.#application) return this.#application;
    throw new IllegalStateError(NO_APPLICATION);
  }
}

interface OutcomeWait {
  readonly matches: OutcomePredicate;
  readonly what: string;
  readonly timeout?: number;
  readonly count?: number;
}
