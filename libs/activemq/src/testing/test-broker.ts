import type { Duplex } from 'node:stream';

import { isDeadLetterQueue } from '../delivery/dead-letter-queue.js';
import type { BrokerClock } from '../embedded/broker/clock.js';
import type { BrokerFaults } from '../embedded/broker/broker-faults.js';
import { EmbeddedCluster, type EmbeddedClusterOptions } from '../embedded/embedded-cluster.js';
import type { InspectedMessage, QueueInspector } from '../embedded/queue-inspector.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { withinSomeTurns } from './event-loop.js';
import type { VmBroker } from '../module/vm-brokers.js';

/** What a {@link TestBroker} is to be like. */
export type TestBrokerOptions = Omit<EmbeddedClusterOptions, 'nodes' | 'takeoverDelay' | 'clock'>;

/** A message that stands in a dead letter queue. */
export interface DeadLetter extends InspectedMessage {
  /** The dead letter queue, e.g. `ActiveMQ.DLQ`. */
  readonly queue: string;
}

/** So that a failover, and a broker that comes back, cost a test milliseconds. */
const URL_OPTIONS = 'randomize=false&initialReconnectDelay=1&maxReconnectDelay=20';

/**
 * The broker under a test: two embedded nodes with one store, of which one answers. It can be told to die, to fail over, to refuse, to lose
 * receipts and to be slow.
 */
export class TestBroker implements VmBroker {
  readonly #cluster: EmbeddedCluster;
  readonly #faults = new Set<BrokerFaults>();
  /** The clients' ends of connections. */
  readonly #open = new Set<Duplex>();

  /** @internal Made by the harness, one for each named connection. */
  constructor(options: TestBrokerOptions, clock: BrokerClock | undefined) {
    // A test that waits for a schedule shall not wait for a tick, and nobody needs to hear that nothing is persistent.
    this.#cluster = new EmbeddedCluster({ schedulerTick: 1, log: () => undefined, ...options, clock });
  }

  /** The `brokerUrl` that leads here, given the broker as `embeddedBroker`. */
  get url(): string {
    return `failover:(${this.#cluster.nodes.map((node) => `vm://${node}`).join(',')})?${URL_OPTIONS}`;
  }

  /** Whether a node answers. */
  get running(): boolean {
    return this.#cluster.masterName !== undefined;
  }

  /** The client's end of a new connection to a node; what `vm://` uses. */
  connect(nodeName: string): Duplex {
    const socket = this.#cluster.connect(nodeName);
    this.#open.add(socket);
    return socket.once('close', () => this.#open.delete(socket));
  }

  /**
   * Dies as by `kill -9`: every connection ends, nobody answers until {@link TestBroker.start}. Persistent messages survive, and come
   * again; others are lost. Resolves when the application has noticed.
   */
  async kill(): Promise<void> {
    const takeovers: Promise<void>[] = [];
    // A slave takes over before anybody could connect, and dies as well.
    while (this.#cluster.masterName !== undefined) takeovers.push(this.#cluster.killMaster());
    await Promise.all([...takeovers, this.#noticed()]);
  }

  /** Starts it, or starts it again after {@link TestBroker.kill}; an application finds it within some 20 ms. */
  async start(): Promise<void> {
    for (const node of this.#cluster.nodes) await this.#cluster.restart(node);
    // Nodes that were never started wait for that.
    await this.#cluster.start();
  }

  /** The node that answers dies as by `kill -9`; the other one takes over at once with all that was persistent. May be repeated. */
  async failover(): Promise<void> {
    const { name } = this.#cluster.master;
    await Promise.all([this.#cluster.killMaster(), this.#noticed()]);
    await this.#cluster.restart(name);
  }

  /** Refuses new connections, as a closed port does; those that are open go on. Until {@link TestBroker.heal} or a failover. */
  refuseConnections(): void {
    this.#faulty().refuseConnections = true;
  }

  /** Does the next commands, but never says so: each client waits in vain for its receipt, and a send with it until its `sendTimeout`. */
  loseReceipts(count = 1): void {
    this.#faulty().loseReceipts(count);
  }

  /** Is late with everything it writes by `ms` of the computer's time. Until {@link TestBroker.heal} or a failover. */
  slowDown(ms: number): void {
    this.#faulty().latency = ms;
  }

  /** Nothing goes wrong any more; a dead broker stays dead. */
  heal(): void {
    for (const faults of this.#faults) faults.clear();
    this.#faults.clear();
  }

  /**
   * Looks at a queue; one that nobody has used is empty.
   *
   * @throws ActiveMqError (`ERR_AMQ_ILLEGAL_STATE`) while the broker is dead
   */
  queue(name: string): QueueInspector {
    return this.#cluster.master.queue(name);
  }

  /** The names of all queues, temporary ones excluded. */
  queueNames(): readonly string[] {
    return this.#cluster.master.queueNames();
  }

  /** What stands in the dead letter queues: `ActiveMQ.DLQ`, `ActiveMQ.DLQ.>` and `DLQ.>`. */
  deadLetters(): readonly DeadLetter[] {
    return this.queueNames()
      .filter((name) => isDeadLetterQueue(`queue://${name}`))
      .flatMap((queue) =>
        this.queue(queue)
          .browse()
          .map((message) => ({ ...message, queue })),
      );
  }

  /** Messages that wait in the scheduler. */
  get scheduledCount(): number {
    return this.#cluster.master.scheduledCount;
  }

  /** ms until the scheduler brings the next message; `undefined` when it has none. */
  get nextScheduled(): number | undefined {
    return this.#cluster.master.scheduledIn();
  }

  /** @internal ms until the scheduler brings the message of that key; `undefined` when it has none. */
  scheduledIn(idempotencyKey: string): number | undefined {
    return this.running ? this.#cluster.master.scheduledIn(MESSAGE_HEADERS.idempotencyKey, idempotencyKey) : undefined;
  }

  /** Drops what stands in queues and is not in flight, and what is scheduled. */
  purge(): void {
    for (const name of this.queueNames()) this.queue(name).purge();
    this.#cluster.master.purgeSchedule();
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.#cluster.stop();
  }

  /** Resolves when the clients have noticed that their connections ended: what they do then they do knowing it. */
  async #noticed(): Promise<void> {
    const ended = [...this.#open];
    await withinSomeTurns(() => ended.every((socket) => socket.closed));
  }

  #faulty(): BrokerFaults {
    const { faults } = this.#cluster.master;
    this.#faults.add(faults);
    return faults;
  }
}
