import type { BrokerOptions, NodeConfiguration, PolicyEntryOptions } from './broker-options.js';
import { comment, element } from './xml.js';

/** The content of `<networkConnectors>`; nothing for a broker that stands alone. */
export function networkConnectors({ network }: NodeConfiguration, options: BrokerOptions): string[] {
  if (!network) {
    return [];
  }
  const connector = { name: 'network', uri: network.uri, consumerTTL: 1, messageTTL: -1, ...options.networkAttributes };
  return [
    comment('Every broker tells its neighbours of its own consumers only; a message may travel as far as it has to, and back.'),
    element('networkConnector', connector),
  ];
}

/**
 * Lets messages go back when the consumer they were forwarded for is gone: without it they stay at a broker where nobody reads.
 * A policy of the user's own for all queues stands instead.
 */
export function networkPolicies({ network }: NodeConfiguration, options: BrokerOptions): (PolicyEntryOptions | string)[] {
  const own = options.policyEntries ?? [];
  if (!network || own.some((entry) => typeof entry !== 'string' && entry.queue === '>')) {
    return [...own];
  }
  const factory = element('conditionalNetworkBridgeFilterFactory', { replayWhenNoConsumers: true });
  const replay = { queue: '>', attributes: { enableAudit: false }, children: [element('networkBridgeFilterFactory', {}, [factory])] };
  return [replay, ...own];
}
