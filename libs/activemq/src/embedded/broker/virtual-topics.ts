import { destinationName, type DestinationName } from '../destination/destination-name.js';
import type { Queue } from '../destination/queue.js';
import type { Destinations } from './destinations.js';

/** ActiveMQ's default virtual topics: what is sent to `VirtualTopic.x` is copied into every queue `Consumer.<name>.VirtualTopic.x`. */
export class VirtualTopics {
  readonly #queues = new Map<string, Set<Queue>>();

  constructor(private readonly destinations: Destinations) {}

  /** The queues that get copies; those to come are added by themselves. */
  queuesOf(topic: DestinationName): ReadonlySet<Queue> {
    const { physicalName } = topic;
    if (topic.kind !== 'topic' || !physicalName.startsWith('VirtualTopic.')) return NONE;
    let queues = this.#queues.get(physicalName);
    if (queues === undefined) {
      const joined = new Set<Queue>();
      this.#queues.set(physicalName, (queues = joined));
      this.destinations.joinQueues(destinationName('queue', `Consumer.*.${physicalName}`), (queue) => joined.add(queue));
    }
    return queues;
  }
}

const NONE: ReadonlySet<Queue> = new Set();
