import type { JmsListenerEndpoint } from '../listener/jms-listener-endpoint.js';
import { formatDestination } from '../message/destination.js';
import type { IdempotentOptions } from './idempotency-options.js';

/** What the scope of a listener on a topic depends on. */
export interface ScopeContext {
  readonly clientId: string | undefined;
  /** Unique to this application's run. */
  readonly instance: string;
}

/**
 * What keeps a listener's records apart from those of every other one that gets the same message: what stands in its options, else
 *
 * - of a durable subscription, the client id and the subscription's name, as the broker keeps them apart;
 * - on a topic, listener and instance: each instance gets a copy, and should handle it;
 * - on queues, listener and destination: instances of one application share their messages, and applications whose listeners go by the same name on
 *   different queues, such as those of a virtual topic, do not.
 */
export function listenerScope(
  endpoint: JmsListenerEndpoint,
  options: readonly IdempotentOptions[],
  { clientId, instance }: ScopeContext,
): string {
  const said = options.findLast(({ scope }) => scope !== undefined)?.scope;
  if (said !== undefined) return said;
  if (endpoint.subscription !== undefined) return `${clientId ?? ''}/${endpoint.subscription}`;
  if (isOnTopic(endpoint)) return `${endpoint.id}@${instance}`;
  return `${endpoint.id}@${endpoint.destinations.map(formatDestination).join(',')}`;
}

/** Whether some of what a listener gets comes from a topic. */
export function isOnTopic({ destinations }: JmsListenerEndpoint): boolean {
  return destinations.some(({ type }) => type === 'topic' || type === 'temp-topic');
}
