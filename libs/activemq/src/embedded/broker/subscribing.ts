import type { Consumer, ConsumerOptions, DeliverySink } from '../destination/delivery.js';
import { isQueue, isTemporary, type DestinationName } from '../destination/destination-name.js';
import { QueueBrowser } from '../destination/queue-browser.js';
import { QueueConsumer } from '../destination/queue-consumer.js';
import { TopicConsumer } from '../destination/topic-consumer.js';
import type { Broker } from './broker.js';
import { isSingle } from './destinations.js';
import { Refusal } from './refusal.js';

/** What a client subscribes to, and how. */
export interface SubscriptionRequest {
  readonly destination: DestinationName;
  readonly browser: boolean;
  readonly clientId: string;
  /** Of a durable subscription. */
  readonly subscriptionName: string | undefined;
  /** As the client wrote it. */
  readonly selectorText: string | undefined;
}

/**
 * Registers a consumer; it takes messages once it is activated.
 *
 * @throws Refusal when a durable subscription is in use, or a topic is to be browsed
 */
export function subscribe(broker: Broker, request: SubscriptionRequest, options: ConsumerOptions, sink: DeliverySink): Consumer {
  const { destination } = request;
  if (request.browser) return browse(broker, request, options, sink);
  if (isQueue(destination)) return consumeQueue(broker, destination, options, sink);
  if (request.subscriptionName === undefined) return consumeTopic(broker, destination, options, sink);
  const key = { clientId: request.clientId, subscriptionName: request.subscriptionName };
  return broker.durables.open(key, destination, request.selectorText, options, sink);
}

function browse(broker: Broker, { destination }: SubscriptionRequest, options: ConsumerOptions, sink: DeliverySink): Consumer {
  if (!isQueue(destination)) {
    throw new Refusal('A topic cannot be browsed', { javaClass: 'java.lang.ClassCastException' });
  }
  if (isSingle(destination) && !isTemporary(destination)) broker.destinations.queue(destination);
  const queues = broker.destinations.matchingQueues(destination);
  return new QueueBrowser(queues, options, sink, broker.policies.of(destination).maxBrowsePageSize);
}

function consumeQueue(broker: Broker, destination: DestinationName, options: ConsumerOptions, sink: DeliverySink): Consumer {
  const consumer = new QueueConsumer(options, sink, isSingle(destination));
  if (isGone(broker, destination)) return consumer;
  consumer.onClose(broker.destinations.joinQueues(destination, (queue) => consumer.join(queue)));
  return consumer;
}

function consumeTopic(broker: Broker, destination: DestinationName, options: ConsumerOptions, sink: DeliverySink): Consumer {
  const consumer = new TopicConsumer(options, sink, broker.usage);
  if (isGone(broker, destination)) return consumer;
  consumer.onClose(broker.destinations.joinTopics(destination, (topic) => consumer.join(topic)));
  return consumer;
}

/** ActiveMQ takes a subscription to a temporary destination that is gone, and delivers nothing. */
function isGone(broker: Broker, destination: DestinationName): boolean {
  return isTemporary(destination) && !broker.destinations.has(destination);
}
