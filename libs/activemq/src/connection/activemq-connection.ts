import type { Observable } from 'rxjs';

import { toErrorText } from '../errors/error-text.js';
import { FailoverConnector } from '../stomp/failover-connector.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import { BrokerScheduler } from './broker-scheduler.js';
import { browseQueue, type BrowseSettings, sessionToBrowse } from './browse-queue.js';
import { deleteDurableSubscription } from './delete-durable-subscription.js';
import { ConnectionSender, type SendConfirmation } from './connection-sender.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { ConnectionEvents, ConnectionState } from './connection-state.js';
import { ConnectionStatus } from './connection-status.js';
import type { Deadline } from './deadline.js';
import { Link, type LinkSession } from './link.js';
import { MessageClaim, type MessageClaimSettings } from './message-claim.js';
import { MessageConsumer, type MessageConsumerObserver, type MessageConsumerSettings } from './message-consumer.js';
import type { SendManner } from './message-producer.js';
import { SchedulerProbe } from './scheduler-probe.js';
import { SessionRenewal } from './session-renewal.js';
import { sessionOpener } from './session-opener.js';
import type { SessionTransaction } from './session-transaction.js';
import { TemporaryQueue, type TemporaryQueueObserver } from './temporary-queue.js';
import { TypedEvents } from './typed-events.js';
import { within } from './within.js';

/**
 * A named connection to a broker or a cluster: it finds a broker, stays connected through failovers and tells what happens.
 *
 * Sending and consuming have a socket each, because a broker under flow control stops reading a producer's socket, and the
 * acknowledgements behind it. Mirrors ActiveMQ's `ActiveMQConnection` over the failover transport.
 *
 * @see https://activemq.apache.org/components/classic/documentation/failover-transport-reference
 */
export class ActiveMqConnection {
  readonly #settings: ConnectionSettings;
  readonly #events: TypedEvents<ConnectionEvents>;
  readonly #status: ConnectionStatus;
  readonly #producing: Link;
  readonly #consuming: Link;
  readonly #sender: ConnectionSender;
  readonly #schedulers: SchedulerProbe;
  readonly #scheduler: BrokerScheduler;
  readonly #consumers = new Set<MessageConsumer>();
  readonly #temporaryQueues = new Set<TemporaryQueueObserver>();
  readonly #renewal: SessionRenewal;
  #lastSubscriptionId = 0;
  #closing: Promise<void> | undefined;

  /** Emits the state now and at each change. */
  readonly state$: Observable<ConnectionState>;

  /** @internal Made by `ActiveMqModule`. */
  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#events = new TypedEvents((error, event) =>
      settings.logger.error(`A listener of the connection's '${event}' event failed: ${toErrorText(error)}`),
    );
    this.#status = new ConnectionStatus(settings.logger, this.#events);
    this.state$ = this.#status.state$;
    this.#schedulers = new SchedulerProbe(settings.logger);
    this.#producing = this.#link(undefined, () => this.#consuming);
    this.#consuming = this.#link(settings.clientId, () => this.#producing);
    this.#renewal = new SessionRenewal(this.#consuming, { consumers: this.#consumers, temporaryQueues: this.#temporaryQueues });
    this.#scheduler = new BrokerScheduler(this.#producing, this.#schedulers);
    this.#sender = new ConnectionSender(this.#producing, this.#consuming, this.#schedulers, settings);
  }

  /** The name it was registered under; `default` when it was given none. */
  get name(): string {
    return this.#settings.name;
  }

  /** Where the connection stands right now. */
  get state(): ConnectionState {
    return this.#status.state;
  }

  /** The broker it is connected to, without credentials; `undefined` while there is none. */
  get brokerUri(): string | undefined {
    return (this.#producing.current ?? this.#consuming.current)?.uri.toString();
  }

  /** @internal Why the broker that was tried last for consuming could not be reached; `undefined` when there is a connection, or none has failed. */
  get whyNotConsuming(): string | undefined {
    return this.#consuming.current ? undefined : this.#consuming.lastFailure;
  }

  /** @internal The same of sending. */
  get whyNotSending(): string | undefined {
    return this.#producing.current ? undefined : this.#producing.lastFailure;
  }

  /** The `server` header of the broker it is connected to, e.g. `ActiveMQ/5.17.2`. */
  get server(): string | undefined {
    return (this.#producing.current ?? this.#consuming.current)?.session.server;
  }

  /** Messages sent and not yet confirmed, or waiting for their turn. */
  get pendingSends(): number {
    return this.#sender.pending;
  }

  /** How many messages were sent again because a connection took their receipt with it. */
  get resentMessages(): number {
    return this.#sender.resent;
  }

  /**
   * Calls `listener` at each event of that name; the returned function removes it.
   *
   * @example connection.on('interrupted', ({ brokerUri, reason }) => alert(brokerUri, reason.message));
   */
  on<Name extends keyof ConnectionEvents>(event: Name, listener: (event: ConnectionEvents[Name]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /** @internal Begins to connect, in the background; after it has failed, anew. */
  start(): void {
    if (this.#closing) return;
    this.#producing.start();
    if (this.#status.hasFailed(this.#consuming)) this.#consuming.start();
  }

  /**
   * Resolves when a broker answers.
   *
   * @param signal stops waiting
   * @throws ConnectError when the connection gave up (`startupMaxReconnectAttempts`, `maxReconnectAttempts`)
   * @throws ConnectionClosedError when it is closed
   */
  async whenConnected(signal?: AbortSignal): Promise<void> {
    await this.#producing.session(signal);
  }

  /**
   * Deletes a durable subscription of this connection's `clientId`, with the messages stored for it. Its listener has to be stopped before.
   *
   * @param timeout ms for everything together, waiting for a broker included; default the connection's `receiptTimeout`
   * @throws BrokerError when a consumer still uses it, or there is none of that name
   * @throws ConfigurationError when the connection has no `clientId`
   * @example await registry.stop('prices'); await connection.deleteDurableSubscription('prices');
   */
  deleteDurableSubscription(subscriptionName: string, timeout: number = this.#settings.receiptTimeout): Promise<void> {
    return deleteDurableSubscription(this.#consuming, { clientId: this.#settings.clientId, subscriptionName }, timeout);
  }

  /**
   * Resolves when the broker that messages are sent to has a scheduler; waits for a broker. Each session of it is asked once.
   *
   * @param signal stops waiting for a broker
   * @throws ConfigurationError when it has none, with the cure: it would deliver scheduled messages at once, and tell nobody
   * @throws ConnectError or ConnectionClosedError when there is no broker to ask
   */
  async assertScheduler(signal?: AbortSignal): Promise<void> {
    await this.#scheduler.session(signal);
  }

  /** @internal Shows every job of the broker's scheduler; see `BrokerScheduler.browse`. */
  browseScheduledJobs(range: OutgoingHeaders, deadline: Deadline, onJob: (job: StompFrame) => void): Promise<void> {
    return this.#scheduler.browse(range, deadline, onJob);
  }

  /** @internal Has the broker's scheduler remove jobs; see `BrokerScheduler.order`. */
  removeScheduledJobs(action: 'REMOVE' | 'REMOVEALL', headers: OutgoingHeaders, deadline: Deadline): Promise<void> {
    return this.#scheduler.order(action, headers, deadline);
  }

  /**
   * @internal Sends one message and resolves when the broker has confirmed it; see `MessageProducer.send`.
   *
   * Inside {@link runInTransaction} it resolves when the broker has taken it into the transaction.
   */
  send(headers: OutgoingHeaders, body: Buffer, timeout: number, manner?: SendManner): Promise<SendConfirmation> {
    return this.#sender.send(headers, body, timeout, manner);
  }

  /** @internal The transaction that a send of the running code joins; `undefined` outside {@link runInTransaction}. */
  get currentTransaction(): SessionTransaction | undefined {
    return this.#sender.currentTransaction;
  }

  /** @internal Runs `work` so that every send of it, and of what it calls, is part of the transaction; with `undefined`, of none. */
  runInTransaction<T>(transaction: SessionTransaction | undefined, work: () => T): T {
    return this.#sender.runInTransaction(transaction, work);
  }

  /**
   * @internal A new transaction on the session that messages are sent on; waits for a broker.
   *
   * @param signal stops waiting
   */
  createTransaction(signal?: AbortSignal): Promise<SessionTransaction> {
    return this.#sender.createTransaction(signal);
  }

  /** @internal Resolves when every message sent so far was confirmed or has failed. */
  flush(): Promise<void> {
    return this.#sender.flush();
  }

  /**
   * @internal Looks at what lies in a queue without taking it, on the consuming link; see `browseQueue`.
   *
   * @param destination as STOMP writes it, e.g. `/queue/orders`
   * @param settings `timeout` defaults to the connection's `receiptTimeout`
   */
  browse(destination: string, settings: Partial<BrowseSettings> = {}): AsyncGenerator<StompFrame, void, void> {
    const { timeout = this.#settings.receiptTimeout } = settings;
    return browseQueue(this.#consuming, `b${++this.#lastSubscriptionId}`, destination, { ...settings, timeout });
  }

  /**
   * @internal Resolves when there is a broker to browse on.
   *
   * @throws what {@link browse} throws when there is none within the connection's `receiptTimeout`
   */
  async whenBrowsable(destination: string, signal?: AbortSignal): Promise<void> {
    await sessionToBrowse(this.#consuming, destination, { timeout: this.#settings.receiptTimeout, signal });
  }

  /**
   * @internal Takes messages of a queue one by one, on the consuming link; see `MessageClaim`.
   *
   * @param destination as STOMP writes it, e.g. `/queue/ActiveMQ.DLQ`
   * @param signal stops waiting for a connection
   */
  async claim(destination: string, settings: MessageClaimSettings, signal?: AbortSignal): Promise<MessageClaim> {
    const { session } = await this.#consuming.session(signal);
    return MessageClaim.open(session, `c${++this.#lastSubscriptionId}`, destination, settings, this.#settings.receiptTimeout);
  }

  /** @internal A temporary queue on the consuming link; nothing is opened before it is asked for. */
  createTemporaryQueue(observer: TemporaryQueueObserver): TemporaryQueue {
    this.#temporaryQueues.add(observer);
    const debug = (message: string) => this.#settings.logger.debug(message);
    return new TemporaryQueue(this.#consuming, `t${++this.#lastSubscriptionId}`, observer, { debug, schedulers: this.#schedulers });
  }

  /** @internal A subscription kept alive through failovers; not started. */
  createConsumer(
    settings: Omit<MessageConsumerSettings, 'recoveryInterval' | 'receiptTimeout'>,
    observer: MessageConsumerObserver,
  ): MessageConsumer {
    const { recoveryInterval, receiptTimeout } = this.#settings;
    const nextId = () => `s${++this.#lastSubscriptionId}`;
    const consumer = new MessageConsumer(this.#consuming, nextId, { ...settings, recoveryInterval, receiptTimeout }, observer);
    this.#consumers.add(consumer);
    return consumer;
  }

  /**
   * @internal Leaves the session that messages are consumed on for a new one, when no handler runs and no request waits; see `SessionRenewal.renew`.
   */
  renewConsumingSession(timeout: number): Promise<boolean> {
    return this.#renewal.renew(timeout);
  }

  /** @internal Forgets a consumer made by {@link createConsumer}; stop it first. */
  removeConsumer(consumer: MessageConsumer): void {
    this.#consumers.delete(consumer);
  }

  /**
   * @internal Sends what is pending, then closes both sockets; calling it again waits for the first call.
   *
   * @param timeout ms for what is pending and for the broker to confirm the end, together
   */
  close(timeout: number): Promise<void> {
    this.#closing ??= this.#close(timeout);
    return this.#closing;
  }

  async #close(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    if (this.#producing.current) await within(timeout, this.#sender.flush());
    const left = Math.max(1, deadline - performance.now());
    const results = await Promise.allSettled([this.#consuming.close(left), this.#producing.close(left)]);
    for (const consumer of this.#consumers) consumer.sessionLost();
    for (const result of results) {
      if (result.status === 'rejected') this.#settings.logger.debug(`DISCONNECT was not confirmed: ${toErrorText(result.reason)}`);
    }
    this.#status.onClosed();
  }

  #link(clientId: string | undefined, sister: () => Link): Link {
    const connector = new FailoverConnector<StompSession>({
      uri: this.#settings.failover,
      open: sessionOpener(this.#settings, clientId),
      logger: this.#settings.logger,
      preferred: () => sister().current?.uri,
      discard: (session) => session.destroy(),
    });
    const link = new Link(connector, {
      onStarted: () => this.#status.onStarted(link),
      onOpen: (session) => this.#onOpen(link, session),
      onLost: (uri, reason) => this.#onLost(link, uri.toString(), reason),
      onGaveUp: (reason) => this.#status.onGaveUp(link, reason),
    });
    return link;
  }

  #onOpen(link: Link, session: LinkSession): void {
    session.session.onUncorrelatedError = (error) => {
      this.#settings.logger.error(`The broker reported an error: ${error.brokerMessage}`);
      this.#events.emit('error', { error });
    };
    if (link === this.#consuming) for (const consumer of this.#consumers) consumer.sessionOpened(session);
    this.#status.onOpen(link, session.uri.toString());
  }

  #onLost(link: Link, brokerUri: string, reason: Error): void {
    if (link === this.#consuming) for (const consumer of this.#consumers) consumer.sessionLost();
    this.#status.onLost(link, brokerUri, reason);
  }
}
