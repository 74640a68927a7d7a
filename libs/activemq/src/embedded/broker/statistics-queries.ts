import { EMPTY_BODY } from '../../stomp/frame.js';
import { destinationFilter } from '../destination/destination-filter.js';
import { isQueue, isTemporary, qualifiedDestination } from '../destination/destination-name.js';
import type { Queue } from '../destination/queue.js';
import type { Topic } from '../destination/topic.js';
import type { Broker } from './broker.js';
import type { BrokerMessage, MapEntries } from './broker-message.js';
import { IdGenerator } from './id-generator.js';

const PREFIX = 'ActiveMQ.Statistics.';
const END_OF_LIST = 'ActiveMQ.Statistics.Destination.List.End.With.Null';

/** Answers the questions of ActiveMQ's `statisticsBrokerPlugin`: a message to `ActiveMQ.Statistics.*` with a `reply-to`. */
export class StatisticsQueries {
  readonly #ids: IdGenerator;

  constructor(private readonly broker: Broker) {
    this.#ids = new IdGenerator(broker.settings.clock.now(), 4);
  }

  /** Answers a message when it is a question; false when it is none. */
  answers(message: BrokerMessage): boolean {
    const { physicalName } = message.destination;
    if (message.replyTo === undefined || !physicalName.startsWith(PREFIX)) return false;
    const asked = physicalName.slice(PREFIX.length);
    if (asked.startsWith('Broker')) this.#reply(message, this.#ofBroker());
    else if (asked.startsWith('Destination')) this.#answerDestinations(message, asked.slice('Destination.'.length));
    else return false;
    return true;
  }

  #answerDestinations(question: BrokerMessage, name: string): void {
    if (name !== '') {
      // A question to a topic may be about a queue: `ActiveMQ.Statistics.Destination.queue://orders`.
      const wanted = qualifiedDestination(name, question.destination.kind);
      const matches = destinationFilter(wanted);
      const { queues, topics } = this.broker.destinations;
      for (const found of isQueue(wanted) ? queues : topics) {
        if (!isTemporary(found.name) && matches(found.name)) this.#reply(question, this.#ofDestination(found));
      }
    }
    if (END_OF_LIST in question.properties) this.#reply(question, []);
  }

  #reply(question: BrokerMessage, map: MapEntries): void {
    if (question.replyTo === undefined) return;
    this.broker.send({
      id: `${this.#ids.next()}:1:0:0:1`,
      destination: question.replyTo,
      originalDestination: undefined,
      correlationId: question.correlationId,
      replyTo: undefined,
      type: 'Advisory',
      groupId: undefined,
      groupSequence: 0,
      priority: 4,
      persistent: false,
      timestamp: this.broker.settings.clock.now(),
      expiration: 0,
      redeliveries: 0,
      text: true,
      properties: {},
      body: EMPTY_BODY,
      connectionId: '',
      map,
    });
  }

  #ofDestination(found: Queue | Topic): MapEntries {
    const { statistics, name } = found;
    const depth = 'depth' in found ? found.depth : 0;
    const bytes = 'bytes' in found ? found.bytes : 0;
    return [
      ...this.#names(),
      ['destinationName', 'string', name.qualifiedName],
      ...counts(statistics.enqueued, statistics.dequeued, statistics.dispatched, statistics.expired),
      ['size', 'long', depth],
      ['inflightCount', 'long', 'inFlight' in found ? found.inFlight : 0],
      ...this.#memory(bytes),
      ['averageMessageSize', 'long', depth === 0 ? 0 : Math.round(bytes / depth)],
      ['consumerCount', 'long', found.consumerCount],
    ];
  }

  #ofBroker(): MapEntries {
    const queues = [...this.broker.destinations.queues];
    const all = [...queues, ...this.broker.destinations.topics];
    const sum = (of: (each: Queue | Topic) => number) => all.reduce((total, each) => total + of(each), 0);
    return [
      ...this.#names(),
      ...counts(
        sum((each) => each.statistics.enqueued),
        sum((each) => each.statistics.dequeued),
        sum((each) => each.statistics.dispatched),
        sum((each) => each.statistics.expired),
      ),
      ['size', 'long', queues.reduce((total, queue) => total + queue.depth, 0)],
      ['inflightCount', 'long', queues.reduce((total, queue) => total + queue.inFlight, 0)],
      ...this.#memory(this.broker.usage.bytes),
      ['storePercentUsage', 'int', 0],
      ['storeUsage', 'long', 0],
      ['storeLimit', 'long', this.broker.usage.limit],
      ['tempPercentUsage', 'int', 0],
      ['tempUsage', 'long', 0],
      ['tempLimit', 'long', 0],
      ['consumerCount', 'long', sum((each) => each.consumerCount)],
      ['vm', 'string', `vm://${this.broker.settings.name}`],
      ['stomp', 'string', ''],
      ['dataDirectory', 'string', ''],
    ];
  }

  #names(): MapEntries {
    return [
      ['brokerName', 'string', this.broker.settings.name],
      ['brokerId', 'string', this.broker.id],
    ];
  }

  #memory(bytes: number): MapEntries {
    return [
      ['memoryUsage', 'long', bytes],
      ['memoryLimit', 'long', this.broker.usage.limit],
      ['memoryPercentUsage', 'int', Math.floor((bytes * 100) / this.broker.usage.limit)],
    ];
  }
}

/** What ActiveMQ counts and this broker does not is 0: producers, cached messages and times of waiting. */
function counts(enqueued: number, dequeued: number, dispatched: number, expired: number): MapEntries {
  return [
    ['enqueueCount', 'long', enqueued],
    ['dequeueCount', 'long', dequeued],
    ['dispatchCount', 'long', dispatched],
    ['expiredCount', 'long', expired],
    ['producerCount', 'long', 0],
    ['messagesCached', 'long', 0],
    ['averageEnqueueTime', 'double', 0],
    ['maxEnqueueTime', 'double', 0],
    ['minEnqueueTime', 'double', 0],
  ];
}
