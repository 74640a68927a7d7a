import { BrokerDeadLetterStrategy } from '../delivery/dead-letter/broker-dead-letter-strategy.js';
import type { RedeliveryPolicyLookup } from '../delivery/redelivery-policy-map.js';
import { ConfigurationError } from '../errors/index.js';
import type { JmsDestination } from '../message/destination.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

const VIRTUAL_TOPIC = "or consume from a virtual topic's queue";

/** Why a mode of redelivery does not go with topics. */
const REFUSED_MODES = {
  scheduled: 'would send the copy to every subscriber of the topic',
  broker:
    "would have ActiveMQ's redeliveryPlugin publish the message anew, to other subscribers of the topic and not to this one, or lose it when the subscription is not durable",
} as const;

/**
 * Refuses what the broker cannot do with a message that is one subscriber's copy.
 *
 * @param where names the listener
 * @throws ConfigurationError with the cure
 */
export function assertTopicFates(
  where: string,
  { destinations, redelivery, deadLetter }: Pick<JmsListenerEndpoint, 'destinations' | 'redelivery' | 'deadLetter'>,
  isDurable: boolean,
): void {
  for (const topic of destinations.filter(isTopic)) {
    const { mode } = redelivery(topic);
    if (mode !== 'local') {
      throw new ConfigurationError(`${where}: redelivery in \`mode: '${mode}'\` ${REFUSED_MODES[mode]}; use 'local', ${VIRTUAL_TOPIC}`);
    }
    if (!isDurable && deadLetter(topic) instanceof BrokerDeadLetterStrategy) {
      throw new ConfigurationError(
        `${where}: with a BrokerDeadLetterStrategy dead letters of the topic would be lost, since ActiveMQ drops what a subscription that is not durable rejects; give it \`deadLetter: new SharedDeadLetterStrategy()\`, or a durable \`subscription\`, ${VIRTUAL_TOPIC}`,
      );
    }
  }
}

/** A pattern may stand for a topic that has a policy of its own, which nobody saw at the start: its messages wait here. */
export function localOnTopics(redelivery: RedeliveryPolicyLookup): RedeliveryPolicyLookup {
  return (destination) => {
    const policy = redelivery(destination);
    return isTopic(destination) && policy.mode !== 'local' ? { ...policy, mode: 'local' } : policy;
  };
}

function isTopic({ type }: JmsDestination): boolean {
  return type === 'topic' || type === 'temp-topic';
}
