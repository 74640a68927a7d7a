import type { Duplex } from 'node:stream';

import { IllegalStateError } from '../errors/index.js';
import { BrokerFaults } from './broker/broker-faults.js';
import { brokerSettings, type BrokerSettings, type EmbeddedBrokerOptions } from './broker/broker-options.js';
import { Broker } from './broker/broker.js';
import { isTemporary } from './destination/destination-name.js';
import { QueueInspector } from './queue-inspector.js';
import { StompSession } from './session/stomp-session.js';
import type { StoredJob } from './store/message-store.js';
import { MemorySocket } from './transport/memory-socket.js';
import { TcpListener, type ListenAddress, type ListenOptions } from './transport/tcp-listener.js';

/**
 * An ActiveMQ Classic inside this process, as STOMP clients see it: no Java, no port unless {@link EmbeddedBroker.listen} is called.
 *
 * Nothing is persistent beyond the process; `docs/embedded.md` lists every known difference.
 */
export class EmbeddedBroker {
  /** What a test may make go wrong. */
  readonly faults = new BrokerFaults();
  readonly #settings: BrokerSettings;
  readonly #listeners = new Set<TcpListener>();
  /** Ports to open again when a dead broker starts anew. */
  #addresses: ListenAddress[] = [];
  #broker: Broker | undefined;

  /** @throws ConfigurationError for an unknown option or limit, or a number that is no positive whole number */
  constructor(options: EmbeddedBrokerOptions = {}) {
    this.#settings = brokerSettings(options);
  }

  /** Its name in log lines and statistics. */
  get name(): string {
    return this.#settings.name;
  }

  /** Whether it takes connections. */
  get running(): boolean {
    return this.#broker !== undefined;
  }

  /** Connections open now. */
  get connectionCount(): number {
    return this.#broker?.connections.size ?? 0;
  }

  /** Messages that wait in the scheduler; those for a temporary destination are not counted. */
  get scheduledCount(): number {
    return this.#broker?.scheduler.size ?? 0;
  }

  /** @internal ms until the scheduler delivers the first message, or the first with a header of that value; `undefined` when it has none. */
  scheduledIn(header?: string, value?: string): number | undefined {
    const isMeant = ({ message }: StoredJob) =>
      !isTemporary(message.destination) && (header === undefined || message.properties[header] === value);
    const times = (this.#broker?.scheduler.jobs ?? []).filter(isMeant).map(({ nextTime }) => nextTime);
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - this.#settings.clock.now());
  }

  /** Starts it, or starts it again after {@link EmbeddedBroker.stop} or {@link EmbeddedBroker.kill} with what its store kept. */
  async start(): Promise<this> {
    if (this.#broker !== undefined) return this;
    const broker = new Broker(this.#settings, this.faults);
    this.#broker = broker;
    broker.start();
    this.#settings.log(
      `[${this.name}] EMBEDDED BROKER, NOTHING IS PERSISTENT: every message is lost when this process ends. For development and tests; use ActiveMQ in production.`,
    );
    const addresses = this.#addresses.splice(0);
    for (const address of addresses) await this.listen(address);
    return this;
  }

  /** Ends every connection and closes its ports; persistent messages, durable subscriptions and schedules stay in its store. */
  async stop(): Promise<void> {
    const closing = [...this.#listeners].map((listener) => listener.close());
    this.kill();
    this.#addresses = [];
    await Promise.all(closing);
  }

  /**
   * Dies as by `kill -9`: every connection ends at once. What was not persistent and what was in flight is forgotten: after
   * {@link EmbeddedBroker.start} the persistent messages come again, without `redelivered`. Its ports come back then, too.
   */
  kill(): void {
    this.#addresses = [...this.#listeners].map((listener) => listener.address);
    // Closed is closed; the last connection may take longer, and stop() awaits it.
    for (const listener of this.#listeners) listener.close().catch(() => undefined);
    this.#listeners.clear();
    this.#broker?.stop();
    this.#broker = undefined;
  }

  /**
   * Opens a TCP port for clients outside this process.
   *
   * @returns the address, the chosen port included
   * @throws IllegalStateError when the broker does not run, ActiveMqError when the port cannot be opened (`ERR_AMQ_CONNECT`)
   */
  async listen(options: ListenOptions = {}): Promise<ListenAddress> {
    this.#running();
    const listener = await TcpListener.open(options, (socket) =>
      this.#accept(socket, `tcp://${socket.remoteAddress}:${socket.remotePort}`),
    );
    this.#listeners.add(listener);
    return listener.address;
  }

  /**
   * The client's end of a new connection, without a port: what `vm://` uses. It emits `connect`; when the broker does not run, or has
   * all the connections it takes, it fails with `ECONNREFUSED`.
   */
  connect(): Duplex {
    if (this.#broker === undefined || this.#refuses) return MemorySocket.refused(`vm://${this.name}`);
    const [client, server] = MemorySocket.pair();
    this.#accept(server, `vm://${this.name}`);
    queueMicrotask(() => client.emit('connect'));
    return client;
  }

  /**
   * Looks at a queue, for tests; a queue nobody has used is empty.
   *
   * @throws IllegalStateError when the broker does not run
   */
  queue(name: string): QueueInspector {
    return new QueueInspector(this.#running(), name);
  }

  /** The names of all queues, temporary ones excluded. */
  queueNames(): string[] {
    return [...this.#running().destinations.queues].filter(({ name }) => name.kind === 'queue').map(({ name }) => name.physicalName);
  }

  /**
   * Forgets what waits in the scheduler.
   *
   * @throws IllegalStateError when the broker does not run
   */
  purgeSchedule(): void {
    const { scheduler } = this.#running();
    for (const { id } of scheduler.jobs) scheduler.remove(id);
  }

  get #refuses(): boolean {
    return this.faults.refuseConnections || this.connectionCount >= this.#settings.limits.maxConnections;
  }

  #accept(socket: Duplex, remoteAddress: string): void {
    if (this.#broker === undefined || this.#refuses) {
      socket.destroy();
      return;
    }
    void new StompSession(this.#broker, socket, remoteAddress);
  }

  #running(): Broker {
    if (this.#broker !== undefined) return this.#broker;
    throw new IllegalStateError(`The embedded broker "${this.name}" does not run: call start() first`);
  }
}
