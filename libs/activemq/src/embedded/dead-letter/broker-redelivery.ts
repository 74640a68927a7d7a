import { copyMessage, copyProperties, type BrokerMessage } from '../broker/broker-message.js';
import { pathFilter } from '../destination/destination-filter.js';
import { isQueue } from '../destination/destination-name.js';

/** How often and when the broker itself delivers a rejected message again: an entry of ActiveMQ's `redeliveryPlugin`, its names and defaults. */
export interface BrokerRedeliveryPolicy {
  /** Queues by name or pattern. */
  readonly queue: string;
  /** Default 6; -1 for ever. */
  readonly maximumRedeliveries?: number;
  /** Ms before the first redelivery; default 1000. */
  readonly initialRedeliveryDelay?: number;
  /** Ms before each further one; default as the first. */
  readonly redeliveryDelay?: number;
  /** Default `false`. */
  readonly useExponentialBackOff?: boolean;
  /** Default 5. */
  readonly backOffMultiplier?: number;
  /** Ms; default -1: no limit. */
  readonly maximumRedeliveryDelay?: number;
}

/** Puts rejected messages into the schedule instead of the dead letter queue, as long as their policy says so. */
export class BrokerRedelivery {
  readonly #policies: readonly { matches: (name: string) => boolean; policy: BrokerRedeliveryPolicy }[];

  constructor(
    policies: readonly BrokerRedeliveryPolicy[],
    private readonly send: (message: BrokerMessage) => void,
  ) {
    this.#policies = policies.map((policy) => ({ matches: pathFilter(policy.queue), policy }));
  }

  /** Schedules a rejected message; false when it is a dead letter. */
  takes(message: BrokerMessage): boolean {
    const { destination, redeliveries } = message;
    if (!isQueue(destination)) return false;
    const policy = this.#policies.find(({ matches }) => matches(destination.physicalName))?.policy;
    if (policy === undefined) return false;
    const maximum = policy.maximumRedeliveries ?? 6;
    if (maximum !== -1 && redeliveries >= maximum) return false;
    const delay = String(nextDelay(policy, message));
    const changes = { scheduledJobId: undefined, redeliveryDelay: delay, AMQ_SCHEDULED_DELAY: delay };
    this.send(copyMessage(message, { redeliveries: redeliveries + 1, properties: copyProperties(message.properties, changes) }));
    return true;
  }
}

function nextDelay(policy: BrokerRedeliveryPolicy, message: BrokerMessage): number {
  const initial = policy.initialRedeliveryDelay ?? 1000;
  if (message.redeliveries === 0) return initial;
  const last = Number(message.properties['redeliveryDelay'] ?? 0);
  const next = policy.useExponentialBackOff && last > 0 ? last * (policy.backOffMultiplier ?? 5) : (policy.redeliveryDelay ?? initial);
  const maximum = policy.maximumRedeliveryDelay ?? -1;
  return maximum > 0 ? Math.min(next, maximum) : next;
}
