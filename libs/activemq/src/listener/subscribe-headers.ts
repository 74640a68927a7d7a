import { toStompDestination } from '../message/destination.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { PlannedChannel } from './channel-plan.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/**
 * The SUBSCRIBE headers of a listener, without its prefetch.
 *
 * @see https://activemq.apache.org/components/classic/documentation/stomp
 */
export function subscribeHeaders(endpoint: JmsListenerEndpoint, ack: PlannedChannel['ack']): OutgoingHeaders {
  return {
    destination: toStompDestination(endpoint.destinations),
    // Never `auto`: that acknowledges before the handler has run.
    ack,
    selector: endpoint.selector,
    'activemq.subscriptionName': endpoint.subscription,
    'activemq.exclusive': endpoint.exclusive ? 'true' : undefined,
    'activemq.priority': endpoint.priority === 0 ? undefined : String(endpoint.priority),
  };
}
