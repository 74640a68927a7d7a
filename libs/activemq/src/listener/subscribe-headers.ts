import { toStompDestination } from '../message/destination.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/**
 * The SUBSCRIBE headers of a listener.
 *
 * @see https://activemq.apache.org/components/classic/documentation/stomp
 */
export function subscribeHeaders(endpoint: JmsListenerEndpoint): OutgoingHeaders {
  return {
    destination: toStompDestination(endpoint.destinations),
    // `client` would acknowledge every earlier message too, `auto` before the handler ran.
    ack: 'client-individual',
    'activemq.prefetchSize': String(endpoint.prefetch),
    selector: endpoint.selector,
    'activemq.subscriptionName': endpoint.subscription,
    'activemq.exclusive': endpoint.exclusive ? 'true' : undefined,
    'activemq.priority': endpoint.priority === 0 ? undefined : String(endpoint.priority),
  };
}
