import { formatDestination } from '../message/destination.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** The one line that a listener writes at start-up. */
export function describeEndpoint(endpoint: JmsListenerEndpoint): string {
  const { id, methodName, destinations, selector, subscription, concurrency, prefetch, ackMode, redelivery, autoStartup } = endpoint;
  const attempts = redelivery.maximumRedeliveries === -1 ? 'without end' : `${redelivery.maximumRedeliveries} x`;
  return [
    `Listener '${id}'${id.startsWith(methodName) ? '' : ` (${methodName})`}: ${destinations.map(formatDestination).join(',')}`,
    ...(subscription === undefined ? [] : [`subscription ${subscription}`]),
    ...(selector === undefined ? [] : [`selector ${selector}`]),
    `concurrency ${concurrency}`,
    `prefetch ${prefetch}`,
    `ack ${ackMode}`,
    `redelivery ${attempts} from ${redelivery.initialRedeliveryDelay} ms, then the broker's dead letter queue`,
    ...(autoStartup ? [] : ['not started']),
  ].join(', ');
}
