import type { JmsDestination } from '../message/destination.js';
import { DestinationMap } from '../message/destination-map.js';
import { assertKnownOptions } from '../validation/index.js';
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
  constructor({ defaultEntry = {}, redeliveryPolicyEntries }: RedeliveryPolicyMapOptions) {
    const where = 'RedeliveryPolicyMap';
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

/** Finds the policy that holds for a destination. */
export type RedeliveryPolicyLookup = (destination: JmsDestination) => ResolvedRedeliveryPolicy;

/**
 * The policies of one listener: its own options over those of the module.
 *
 * @throws ConfigurationError for an unknown option or an impossible value
 */
export function redeliveryPolicyLookup(
  where: string,
  module: RedeliveryPolicy | RedeliveryPolicyMap,
  own: RedeliveryPolicy = {},
): RedeliveryPolicyLookup {
  // Checked here, at start-up: the rest is found out message by message.
  resolveRedeliveryPolicy(where, own);
  if (module instanceof RedeliveryPolicyMap) return (destination) => resolveRedeliveryPolicy(where, own, module.policyFor(destination));
  assertKnownOptions(where, module, Object.keys(DEFAULT_REDELIVERY_POLICY));
  const policy = resolveRedeliveryPolicy(where, own, resolveRedeliveryPolicy(where, module));
  return () => policy;
}
