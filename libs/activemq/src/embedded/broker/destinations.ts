import { destinationFilter, type DestinationFilter } from '../destination/destination-filter.js';
import { isTemporary, type DestinationName } from '../destination/destination-name.js';
import { Queue } from '../destination/queue.js';
import { Topic } from '../destination/topic.js';
import { Refusal } from './refusal.js';

/** Who joins destinations as they come to be. */
interface Joining {
  readonly matches: DestinationFilter;
  readonly queue: ((queue: Queue) => void) | undefined;
  readonly topic: ((topic: Topic) => void) | undefined;
}

/** All queues and topics of one broker; those that are asked for come to be, temporary ones only through their connection. */
export class Destinations {
  readonly #queues = new Map<string, Queue>();
  readonly #topics = new Map<string, Topic>();
  readonly #joining = new Set<Joining>();

  constructor(
    private readonly makeQueue: (name: DestinationName) => Queue,
    private readonly limit: number,
  ) {}

  get queues(): Iterable<Queue> {
    return this.#queues.values();
  }

  get topics(): Iterable<Topic> {
    return this.#topics.values();
  }

  /** The queue of a name, without making one. */
  find(name: DestinationName): Queue | undefined {
    return this.#queues.get(name.qualifiedName);
  }

  /** @throws Refusal when a temporary queue is gone or the broker has too many destinations */
  queue(name: DestinationName): Queue {
    const found = this.#queues.get(name.qualifiedName);
    if (found !== undefined) return found;
    if (isTemporary(name)) throw missing(name);
    return this.createQueue(name);
  }

  /** @throws Refusal when a temporary topic is gone or the broker has too many destinations */
  topic(name: DestinationName): Topic {
    const found = this.#topics.get(name.qualifiedName);
    if (found !== undefined) return found;
    if (isTemporary(name)) throw missing(name);
    return this.createTopic(name);
  }

  createQueue(name: DestinationName): Queue {
    this.#assertRoom();
    const queue = this.makeQueue(name);
    this.#queues.set(name.qualifiedName, queue);
    for (const joining of this.#joining) if (joining.matches(name)) joining.queue?.(queue);
    return queue;
  }

  createTopic(name: DestinationName): Topic {
    this.#assertRoom();
    const topic = new Topic(name);
    this.#topics.set(name.qualifiedName, topic);
    for (const joining of this.#joining) if (joining.matches(name)) joining.topic?.(topic);
    return topic;
  }

  /** Deletes a temporary destination with all it holds. */
  delete(name: DestinationName): void {
    this.#queues.get(name.qualifiedName)?.discard();
    this.#queues.delete(name.qualifiedName);
    this.#topics.delete(name.qualifiedName);
  }

  has(name: DestinationName): boolean {
    return this.#queues.has(name.qualifiedName) || this.#topics.has(name.qualifiedName);
  }

  /**
   * Fails for a temporary destination whose connection is gone.
   *
   * @throws Refusal
   */
  assertExists(name: DestinationName): void {
    if (isTemporary(name) && !this.has(name)) throw missing(name);
  }

  /**
   * Calls back for each queue of a name, pattern or composite: those that are there and those to come. Of a name also for those that are there
   * and are named by a pattern, `orders.>`, because somebody sent to that.
   *
   * @returns ends it
   */
  joinQueues(wanted: DestinationName, join: (queue: Queue) => void): () => void {
    if (isSingle(wanted)) {
      join(this.queue(wanted));
      for (const queue of this.#queues.values()) if (isPatternFor(queue.name, wanted)) join(queue);
      return () => undefined;
    }
    const matches = destinationFilter(wanted);
    for (const queue of this.#queues.values()) if (matches(queue.name)) join(queue);
    return this.#watch({ matches, queue: join, topic: undefined });
  }

  /** The same for topics. */
  joinTopics(wanted: DestinationName, join: (topic: Topic) => void): () => void {
    if (isSingle(wanted)) {
      join(this.topic(wanted));
      for (const topic of this.#topics.values()) if (isPatternFor(topic.name, wanted)) join(topic);
      return () => undefined;
    }
    const matches = destinationFilter(wanted);
    for (const topic of this.#topics.values()) if (matches(topic.name)) join(topic);
    return this.#watch({ matches, queue: undefined, topic: join });
  }

  /** The queues of a name, pattern or composite that are there. */
  matchingQueues(wanted: DestinationName): Queue[] {
    const matches = destinationFilter(wanted);
    return [...this.#queues.values()].filter(({ name }) => matches(name) || isPatternFor(name, wanted));
  }

  #watch(joining: Joining): () => void {
    this.#joining.add(joining);
    return () => this.#joining.delete(joining);
  }

  #assertRoom(): void {
    if (this.#queues.size + this.#topics.size < this.limit) return;
    throw new Refusal(`The embedded broker has its limit of ${this.limit} destinations: raise limits.maxDestinations`, {
      javaClass: 'javax.jms.ResourceAllocationException',
    });
  }
}

/** Tells whether a name stands for one destination. */
export function isSingle(name: DestinationName): boolean {
  return name.members === undefined && !name.pattern;
}

function isPatternFor(name: DestinationName, wanted: DestinationName): boolean {
  return name.pattern && isSingle(wanted) && destinationFilter(name)(wanted);
}

function missing(name: DestinationName): Refusal {
  return new Refusal(name.qualifiedName, {
    javaClass: 'org.apache.activemq.DestinationDoesNotExistException',
    detail: `The destination ${name.qualifiedName} does not exist.`,
  });
}
