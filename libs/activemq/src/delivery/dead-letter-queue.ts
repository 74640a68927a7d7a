import { formatDestination, type JmsDestination } from '../message/destination.js';
import type { DeadLetterStrategy, DurableSubscriber } from './dead-letter/dead-letter-strategy.js';

/**
 * Whether a destination is a dead letter queue by ActiveMQ's habits: `ActiveMQ.DLQ`, or a name that begins with `ActiveMQ.DLQ.` or `DLQ.`.
 *
 * A NACK of a message on such a queue destroys it.
 */
export function isDeadLetterQueue(destination: string): boolean {
  return /^queue:\/\/(?:ActiveMQ\.DLQ(?:$|\.)|DLQ\.)/.test(destination);
}

/** Whether what fails on a destination is a dead letter already: by its name, or because the strategy or the broker's policy would put it there again. */
export function holdsDeadLetters(destination: JmsDestination, strategy: DeadLetterStrategy, subscriber?: DurableSubscriber): boolean {
  const name = formatDestination(destination);
  if (isDeadLetterQueue(name)) return true;
  const target = strategy.targetFor(destination, subscriber);
  const targets = typeof target === 'string' ? [] : [target];
  return [...targets, ...strategy.brokerQueuesFor(destination, subscriber)].some((queue) => formatDestination(queue) === name);
}
