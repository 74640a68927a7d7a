import type { BrokerOptions, NodeConfiguration, PolicyEntryOptions } from './broker-options.js';
import { comment, element } from './xml.js';

/**
 * ms a forwarded message stays at least before it may go back: longer than it takes the inactivity monitor of a bridge (`BRIDGE_INACTIVITY`, twice)
 * to give up a silent one. Until then the broker it came from may still hold its own copy, not knowing that it has arrived.
 */
const REPLAY_DELAY = 15_000;
/** ms between two looks of an idle queue whether the delay is over, at most. */
const REPLAY_CHECK = 5_000;

/** The content of `<networkConnectors>`; nothing for a broker that stands alone. */
export function networkConnectors({ network }: NodeConfiguration, options: BrokerOptions): string[] {
  if (!network) {
    return [];
  }
  const connector = { name: 'network', uri: network.uri, consumerTTL: 1, messageTTL: -1, ...options.networkAttributes };
  return [
    comment(
      'Demand forwarding: a message goes over the bridge when a consumer on the other side asks for it, else it stays. ' +
        'The brokers find each other by: static, a list; masterslave, a list of which one is open; multicast, announcements.',
    ),
    comment(
      'Network TTL. consumerTTL 1: a broker tells its neighbours of its own consumers, not of those it only heard of. ' +
        'messageTTL -1: a message may travel as far as it has to, and back.',
    ),
    comment('conduitSubscriptions, true unless set: all consumers behind a bridge count as one, so local ones get the larger share.'),
    element('networkConnector', connector),
  ];
}

/**
 * Lets messages go back when the consumer they were forwarded for is gone: without it they stay at a broker where nobody reads.
 * A policy of the user's own for all queues stands instead.
 */
export function networkPolicies({ network }: NodeConfiguration, options: BrokerOptions): (PolicyEntryOptions | string)[] {
  const own = options.policyEntries ?? [];
  if (!network || options.replayWhenNoConsumers === false || own.some((entry) => typeof entry !== 'string' && entry.queue === '>')) {
    return [...own];
  }
  const { replayDelay = REPLAY_DELAY } = options;
  const factory = element('conditionalNetworkBridgeFilterFactory', { replayWhenNoConsumers: true, replayDelay });
  const replay: PolicyEntryOptions = {
    comment:
      'replayWhenNoConsumers: what was forwarded for a consumer that has gone may go back; without it such messages are stuck. ' +
      'enableAudit false: else the way back looks like a duplicate to the queue, and the message is dropped. ' +
      'replayDelay (ms): not before the broker it came from has removed its own copy, or given the bridge up; a message that is back earlier is a ' +
      'duplicate to it, and dead-lettered. expireMessagesPeriod (ms): how often an idle queue looks again whether the delay is over.',
    queue: '>',
    attributes: { enableAudit: false, expireMessagesPeriod: Math.max(1, Math.min(replayDelay, REPLAY_CHECK)) },
    children: [element('networkBridgeFilterFactory', {}, [factory])],
  };
  return [replay, ...own];
}
