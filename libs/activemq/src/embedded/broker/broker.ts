import { BrokerRedelivery } from '../dead-letter/broker-redelivery.js';
import { DeadLetters } from '../dead-letter/dead-letters.js';
import { discards } from '../dead-letter/discarding-plugin.js';
import { isQueue, isTemporary, type DestinationName } from '../destination/destination-name.js';
import { Queue } from '../destination/queue.js';
import { Scheduler } from '../scheduler/scheduler.js';
import type { StoredQueue } from '../store/message-store.js';
import { copyMessage, type BrokerMessage } from './broker-message.js';
import type { BrokerFaults } from './broker-faults.js';
import type { BrokerSettings } from './broker-options.js';
import { Connections } from './connections.js';
import { DestinationPolicies } from './destination-policy.js';
import { Destinations } from './destinations.js';
import { DurableSubscriptions } from './durable-subscriptions.js';
import { IdGenerator } from './id-generator.js';
import { MemoryUsage } from './memory-usage.js';
import { ProducerFlowControl } from './producer-flow-control.js';
import { Refusal } from './refusal.js';
import { StatisticsQueries } from './statistics-queries.js';
import { VirtualTopics } from './virtual-topics.js';

/** One life of a broker, from its start to its stop or death; what its store holds is recovered when it starts. */
export class Broker {
  readonly id: string;
  readonly connections: Connections;
  readonly connectionIds: IdGenerator;
  readonly acknowledgementIds: IdGenerator;
  readonly usage: MemoryUsage;
  readonly policies: DestinationPolicies;
  readonly destinations: Destinations;
  readonly durables: DurableSubscriptions;
  readonly scheduler: Scheduler;
  readonly flowControl: ProducerFlowControl;
  readonly #virtualTopics: VirtualTopics;
  readonly #statistics: StatisticsQueries;
  readonly #deadLetters: DeadLetters;
  readonly #discards: (message: BrokerMessage) => boolean;
  readonly #redelivery: BrokerRedelivery;
  #expiry: unknown;

  constructor(
    readonly settings: BrokerSettings,
    readonly faults: BrokerFaults,
  ) {
    const { clock, limits, store } = settings;
    this.id = new IdGenerator(clock.now(), 0).next();
    this.connections = new Connections(settings.name);
    this.connectionIds = new IdGenerator(clock.now(), 5);
    this.acknowledgementIds = new IdGenerator(clock.now(), 6);
    this.usage = new MemoryUsage(limits.memoryLimit);
    this.policies = new DestinationPolicies(settings.destinationPolicy);
    this.#deadLetters = new DeadLetters(this.policies, clock, (message) => this.send(message));
    this.#discards = discards(settings.discardingDLQBrokerPlugin);
    this.#redelivery = new BrokerRedelivery(settings.redeliveryPlugin, (message) => this.send(message));
    this.destinations = new Destinations(
      (name) => this.#makeQueue(name, name.kind === 'queue' ? store.queue(name.physicalName) : undefined),
      limits.maxDestinations,
    );
    this.flowControl = new ProducerFlowControl(settings, this.usage, (message) => this.limitedQueues(message));
    this.#virtualTopics = new VirtualTopics(this.destinations);
    this.#statistics = new StatisticsQueries(this);
    this.durables = new DurableSubscriptions(settings, this.destinations, (topic, messages, subscriber) =>
      this.#makeQueue(topic, messages, subscriber),
    );
    this.scheduler = new Scheduler(settings, this.usage, new IdGenerator(clock.now(), 2), (message) => this.#route(message));
  }

  /** Recovers what the store holds and begins to look at the time. */
  start(): void {
    for (const name of this.settings.store.queues.keys()) this.#recover(name);
    this.scheduler.start();
    this.#planExpiry();
  }

  /** Ends this life and every connection at once; the store keeps what is persistent. */
  stop(): void {
    this.connections.destroyAll();
    this.scheduler.stop();
    this.flowControl.stop();
    this.settings.clock.clearTimeout(this.#expiry);
    for (const queue of this.destinations.queues) queue.discard();
  }

  /**
   * Takes a message on its way: to the schedule, or to its destination or destinations.
   *
   * @throws Refusal when a temporary destination is gone, a limit is reached or a subscriber's selector fails on the message
   */
  send(message: BrokerMessage): void {
    if (this.settings.schedulerSupport && this.scheduler.takes(message)) return;
    this.#route(message);
  }

  /**
   * The queues with a `memoryLimit` that a client's message is to go into now. What is scheduled goes into none, and what the broker itself
   * moves is never withheld.
   *
   * @throws Refusal when the broker has too many destinations
   */
  limitedQueues(message: BrokerMessage): readonly Queue[] {
    if (!this.policies.limitMemory || (this.settings.schedulerSupport && this.scheduler.wants(message))) return [];
    const { destination } = message;
    return (destination.members ?? [destination]).flatMap((name) => this.#limitedQueuesOf(name));
  }

  #limitedQueuesOf(name: DestinationName): readonly Queue[] {
    const isLimited = (queue: DestinationName) => this.policies.of(queue).memoryLimit !== Number.POSITIVE_INFINITY;
    if (!isQueue(name)) return [...this.#virtualTopics.queuesOf(name)].filter((queue) => isLimited(queue.name));
    if (!isLimited(name)) return [];
    const queue = isTemporary(name) ? this.destinations.find(name) : this.destinations.queue(name);
    return queue === undefined ? [] : [queue];
  }

  #route(message: BrokerMessage): void {
    const { destination } = message;
    if (destination.members !== undefined) {
      for (const member of destination.members) {
        this.#route(copyMessage(message, { destination: member, originalDestination: destination }));
      }
      return;
    }
    if (this.settings.statistics && this.#statistics.answers(message)) return;
    if (isQueue(destination)) this.destinations.queue(destination).add(message);
    else this.#publish(message);
  }

  #publish(message: BrokerMessage): void {
    const { destination } = message;
    if (message.expiration > 0 && message.expiration <= this.settings.clock.now()) return this.#giveUp(message, true);
    const topic = this.destinations.topic(destination);
    for (const queue of this.#virtualTopics.queuesOf(destination)) {
      queue.add(copyMessage(message, { destination: queue.name, originalDestination: destination }));
    }
    topic.add(message);
  }

  /** Whoever asks for it has nothing to do with where a dead letter cannot go: it is lost then, as in ActiveMQ. */
  #giveUp(message: BrokerMessage, expired: boolean, subscriber?: string): void {
    try {
      if (!expired && this.#redelivery.takes(message)) return;
      if (!this.#discards(message)) this.#deadLetters.take(message, expired, subscriber);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.settings.log(`[${this.settings.name}] the message ${message.id} is lost, its dead letter queue refused it: ${error.detail}`);
    }
  }

  /** With a `subscriber` it is what a durable subscription of the topic `name` collects. */
  #makeQueue(name: DestinationName, store: StoredQueue | undefined, subscriber?: string): Queue {
    const policy = this.policies.of(name);
    return new Queue(name, {
      clock: this.settings.clock,
      usage: this.usage,
      store,
      nextSequence: () => this.settings.store.nextSequence(),
      maxPageSize: policy.maxPageSize,
      memoryLimit: subscriber === undefined ? policy.memoryLimit : Number.POSITIVE_INFINITY,
      onRoom: (queue) => this.flowControl.onRoom(queue),
      prioritized: policy.prioritizedMessages,
      persistsRedelivered: policy.persistJMSRedelivered,
      flagsRedelivered: subscriber === undefined,
      deadLetter: (message, expired) => this.#giveUp(message, expired, subscriber),
    });
  }

  #recover(physicalName: string): void {
    const messages = [...this.settings.store.queue(physicalName).entries()];
    const first = messages[0];
    if (first === undefined) return;
    const queue = this.destinations.queue(first[1].destination);
    for (const [sequence, message] of messages) queue.restore(sequence, message);
  }

  #planExpiry(): void {
    this.#expiry = this.settings.clock.setTimeout(() => {
      for (const queue of this.destinations.queues) queue.expireOverdue();
      this.durables.expireOverdue();
      this.#planExpiry();
    }, this.settings.expireMessagesPeriod);
  }
}
