import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import { subscribedTogether } from './subscribe-headers.js';

/** Says that messages which wait for a manual decision, or are kept, have just used up the prefetch; `undefined` when they have not. */
export function usedUpPrefetchWarning(endpoint: JmsListenerEndpoint, held: number): string | undefined {
  const all = endpoint.prefetch * subscribedTogether(endpoint).length;
  if (held !== all) return undefined;
  return `Listener '${endpoint.id}': ${all} messages, the whole prefetch, are unsettled: nothing more is delivered until acknowledge(), recover() or reject() is called for one. Dead letters that failed stay so until the listener stops`;
}
