import { copyMessage, copyProperties, type BrokerMessage } from '../broker/broker-message.js';
import type { BrokerClock } from '../broker/clock.js';
import type { DestinationPolicies } from '../broker/destination-policy.js';
import { destinationName, isQueue, type DestinationName } from '../destination/destination-name.js';
import type { DeadLetterStrategyOptions } from './dead-letter-strategy.js';
import { MessageAudit } from './message-audit.js';

/** Moves what was rejected or has expired to where the policy of its destination says. */
export class DeadLetters {
  readonly #audits = new WeakMap<DeadLetterStrategyOptions, MessageAudit>();

  constructor(
    private readonly policies: DestinationPolicies,
    private readonly clock: BrokerClock,
    private readonly send: (message: BrokerMessage) => void,
  ) {}

  /** Takes a message that its queue, or the durable subscription `subscriber`, has given up; one that the policy does not keep is gone. */
  take(message: BrokerMessage, expired: boolean, subscriber?: string): void {
    const strategy = this.policies.of(message.destination).deadLetterStrategy;
    if (!this.#keeps(strategy, message, expired)) return;
    const destination = deadLetterDestination(strategy, message.destination, subscriber);
    if (destination === undefined || destination.qualifiedName === message.destination.qualifiedName) return;
    this.send(
      copyMessage(message, {
        destination,
        originalDestination: message.destination,
        persistent: true,
        expiration: strategy.expiration ? this.clock.now() + strategy.expiration : 0,
        redeliveries: 0,
        properties: copyProperties(message.properties, this.#reasons(strategy, message, expired)),
      }),
    );
  }

  #keeps(strategy: DeadLetterStrategyOptions, message: BrokerMessage, expired: boolean): boolean {
    if (strategy.kind === 'discarding') return false;
    // The audit comes first, as in ActiveMQ: a message that is dropped for another reason counts as seen too.
    if ((strategy.enableAudit ?? true) && this.#audit(strategy).isDuplicate(message.id)) return false;
    if (!message.persistent && !(strategy.processNonPersistent ?? false)) return false;
    return !expired || (strategy.processExpired ?? true);
  }

  #reasons(strategy: DeadLetterStrategyOptions, message: BrokerMessage, expired: boolean): Record<string, string | undefined> {
    const reasons: Record<string, string> = {};
    if (!strategy.expiration) reasons['originalExpiration'] = message.properties['originalExpiration'] ?? String(message.expiration);
    if (!message.persistent) reasons['originalDeliveryMode'] = 'NON_PERSISTENT';
    if (expired) reasons['dlqDeliveryFailureCause'] = `java.lang.Throwable: Message Expired. Expiration:${message.expiration}`;
    return reasons;
  }

  #audit(strategy: DeadLetterStrategyOptions): MessageAudit {
    let audit = this.#audits.get(strategy);
    if (audit === undefined) this.#audits.set(strategy, (audit = new MessageAudit()));
    return audit;
  }
}

function deadLetterDestination(
  strategy: DeadLetterStrategyOptions,
  from: DestinationName,
  subscriber: string | undefined,
): DestinationName | undefined {
  if (strategy.kind === 'shared') return destinationName('queue', strategy.deadLetterQueue ?? 'ActiveMQ.DLQ');
  if (strategy.kind === 'discarding') return undefined;
  const name = from.physicalName;
  if (isQueue(from)) {
    const kind = (strategy.useQueueForQueueMessages ?? true) ? 'queue' : 'topic';
    return destinationName(kind, `${strategy.queuePrefix ?? 'ActiveMQ.DLQ.Queue.'}${name}${strategy.queueSuffix ?? ''}`);
  }
  const perSubscriber = strategy.destinationPerDurableSubscriber && subscriber !== undefined ? `.${subscriber}` : '';
  const kind = (strategy.useQueueForTopicMessages ?? true) ? 'queue' : 'topic';
  return destinationName(kind, `${strategy.topicPrefix ?? 'ActiveMQ.DLQ.Topic.'}${name}${perSubscriber}${strategy.topicSuffix ?? ''}`);
}
