import { formatDestination, type JmsDestination, toStompDestination } from '../message/destination.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { PlannedChannel } from './channel-plan.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/**
 * The destinations of a listener by subscription: each has its own. Only a durable one takes all its topics: it has one name.
 */
export function subscribedTogether({ destinations, subscription }: JmsListenerEndpoint): readonly (readonly JmsDestination[])[] {
  if (subscription !== undefined) return [destinations];
  // Written twice, a topic would deliver each message twice.
  return [...new Map(destinations.map((destination) => [formatDestination(destination), [destination]])).values()];
}

/**
 * The SUBSCRIBE headers of one subscription of a listener, without its prefetch.
 *
 * @see https://activemq.apache.org/components/classic/documentation/stomp
 */
export function subscribeHeaders(
  endpoint: JmsListenerEndpoint,
  ack: PlannedChannel['ack'],
  destinations = endpoint.destinations,
): OutgoingHeaders {
  return {
    destination: toStompDestination(destinations),
    // Never `auto`: that acknowledges before the handler has run.
    ack,
    selector: endpoint.selector,
    'activemq.subscriptionName': endpoint.subscription,
    'activemq.exclusive': endpoint.exclusive ? 'true' : undefined,
    'activemq.priority': endpoint.priority === 0 ? undefined : String(endpoint.priority),
  };
}
