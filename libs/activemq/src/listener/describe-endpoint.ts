import { holdsDeadLetters } from '../delivery/dead-letter-queue.js';
import { formatDestination } from '../message/destination.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** The one line that a listener writes at start-up. */
export function describeEndpoint(endpoint: JmsListenerEndpoint): string {
  const { id, methodName, destinations, selector, subscription, concurrency, prefetch, batch, ackMode, autoStartup } = endpoint;
  return [
    `Listener '${id}'${id.startsWith(methodName) ? '' : ` (${methodName})`}: ${destinations.map(formatDestination).join(',')}`,
    ...(subscription === undefined ? [] : [`subscription ${subscription}`]),
    ...(selector === undefined ? [] : [`selector ${selector}`]),
    `concurrency ${concurrency}`,
    ...(batch === undefined ? [] : [`batches of ${batch.size} within ${batch.timeout} ms`]),
    `prefetch ${prefetch}`,
    `ack ${ackMode}`,
    `${describeRedelivery(endpoint)}, ${describeDeadLetter(endpoint)}`,
    ...(autoStartup ? [] : ['not started']),
  ].join(', ');
}

function describeRedelivery({ destinations: [first], redelivery }: JmsListenerEndpoint): string {
  if (!first) return '';
  const { mode, maximumRedeliveries, initialRedeliveryDelay } = redelivery(first);
  if (mode === 'broker') return "redelivery by the broker's policy";
  const attempts = maximumRedeliveries === -1 ? 'without end' : `${maximumRedeliveries} x`;
  return `redelivery ${attempts} from ${initialRedeliveryDelay} ms${mode === 'scheduled' ? " by the broker's scheduler" : ''}`;
}

function describeDeadLetter({ destinations: [first], deadLetter, subscriber }: JmsListenerEndpoint): string {
  if (!first) return '';
  const target = deadLetter(first).targetFor(first, subscriber);
  if (target === 'discard') return 'then discarded';
  // Whoever did not mean a dead letter queue sees by this that its strategy takes the name for one.
  if (holdsDeadLetters(first, deadLetter, subscriber)) return 'dead letters stay there';
  return target === 'broker' ? "dead letters by the broker's policy" : `dead letters to ${formatDestination(target)}`;
}
