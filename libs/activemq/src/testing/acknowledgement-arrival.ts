import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { withinSomeTurns } from './event-loop.js';
import type { TestBroker } from './test-broker.js';

/**
 * Resolves when the broker no longer has the message of an outcome, so that a test finds the queue as it is to be. An ACK that was lost with
 * its connection is not waited for.
 */
export async function acknowledgementArrival({ kind, message }: DeliveryOutcome, brokers: readonly TestBroker[]): Promise<void> {
  const [type, queue] = message.destination.split('://');
  if (type !== 'queue' || queue === undefined || (kind !== 'acknowledged' && kind !== 'duplicate')) return;
  const isGone = (broker: TestBroker) =>
    !broker.running ||
    broker
      .queue(queue)
      .browse()
      .every(({ messageId }) => messageId !== message.messageId);
  await withinSomeTurns(() => brokers.every(isGone));
}
