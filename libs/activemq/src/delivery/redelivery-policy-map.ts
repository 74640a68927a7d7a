import type { JmsDestination } from '../message/destination.js';
import { DestinationMap } from '../message/destination-map.js';
import { assertEntry } from './assert-entry.js';
import { assertKnownOptions, assertObjects, givenOptions } from '../validation/index.js';
import {
  DEFAULT_REDELIVERY_POLICY,
  type RedeliveryPolicy,
  type ResolvedRedeliveryPolicy,
  resolveRedeliveryPolicy,
} from './redelivery-policy.js';

/** A {@link RedeliveryPolicy} for the destinations of one pattern. */
export interface RedeliveryPolicyEntry extends RedeliveryPolicy {
  /** `orders`, `queue://orders.>`, `topic://prices.*`. */
  readonly destination: string;
}

/** What a {@link RedeliveryPolicyMap} is made from. */
export interface RedeliveryPolicyMapOptions {
  /** For destinations that no entry matches, and what the entries leave open; default ActiveMQ's defaults. */
  readonly defaultEntry?: RedeliveryPolicy;
  /** The most exact pattern wins: a name before `*`, `*` before `>`. */
  readonly redeliveryPolicyEntries: readonly RedeliveryPolicyEntry[];
}

/**
 * Redelivery policies by destination, with ActiveMQ's wildcards.
 *
 * @example
 * ```ts
 * new RedeliveryPolicyMap({
 *   defaultEntry: { maximumRedeliveries: 3 },
 *   redeliveryPolicyEntries: [{ destination: 'payments.>', useExponentialBackOff: true, mode: 'scheduled' }],
 * });
 * ```
 * @see https://activemq.apache.org/components/classic/documentation/message-redelivery-and-dlq-handling
 */
export class RedeliveryPolicyMap {
  readonly #default: ResolvedRedeliveryPolicy;
  readonly #entries: DestinationMap<ResolvedRedeliveryPolicy>;

  /** @throws ConfigurationError for a bad destination, an unknown option or an impossible value */
  constructor(options: RedeliveryPolicyMapOptions) {
    const where = 'RedeliveryPolicyMap';
    assertKnownOptions(where, options, ['defaultEntry', 'redeliveryPolicyEntries']);
    const { defaultEntry = {}, redeliveryPolicyEntries } = options;
    assertObjects(where, 'redeliveryPolicyEntries', redeliveryPolicyEntries);
    for (const [index, entry] of redeliveryPolicyEntries.entries())
      assertEntry(where, index, entry, Object.keys(DEFAULT_REDELIVERY_POLICY));
    this.#default = resolveRedeliveryPolicy(`\`defaultEntry\` of ${where}`, defaultEntry);
    this.#entries = new DestinationMap(
      where,
      redeliveryPolicyEntries.map(({ destination, ...policy }) => ({
        destination,
        value: resolveRedeliveryPolicy(`The entry for '${destination}' of ${where}`, policy, this.#default),
      })),
    );
  }

  /** The policy that holds for a destination. */
  policyFor(destination: JmsDestination): ResolvedRedeliveryPolicy {
    return this.#entries.get(destination) ?? this.#default;
  }
}

const MAP = '`new RedeliveryPolicyMap({ redeliveryPolicyEntries: [...] })`';

/** Finds the policy that holds for a destination. */
export type RedeliveryPolicyLookup = (destination: JmsDestination) => ResolvedRedeliveryPolicy;

/**
 * The policies of one listener. Of the layers a policy is laid over those before it, option by option; a map is complete, and replaces them.
 *
 * @param layers from the module's to the listener's own
 * @throws ConfigurationError for an unknown option or an impossible value
 */
export function redeliveryPolicyLookup(
  where: string,
  ...layers: readonly (RedeliveryPolicy | RedeliveryPolicyMap | undefined)[]
): RedeliveryPolicyLookup {
  const at = layers.findLastIndex((layer) => layer instanceof RedeliveryPolicyMap);
  const map = layers[at];
  let own: RedeliveryPolicy = {};
  for (const [index, layer] of layers.entries()) {
    if (layer === undefined || layer instanceof RedeliveryPolicyMap) continue;
    assertKnownOptions(where, layer, Object.keys(DEFAULT_REDELIVERY_POLICY), { defaultEntry: MAP, redeliveryPolicyEntries: MAP });
    if (index > at) own = { ...own, ...givenOptions(layer) };
  }
  // Checked here, at start-up: the rest is found out message by message.
  const policy = resolveRedeliveryPolicy(where, own);
  if (map instanceof RedeliveryPolicyMap) return (destination) => resolveRedeliveryPolicy(where, own, map.policyFor(destination));
  return () => policy;
}
