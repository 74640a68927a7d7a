import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import type { TestBroker } from './test-broker.js';

// Taken before a test runner can put fake timers in its place.
const { setImmediate: realSetImmediate } = globalThis;

/** An ACK crosses the process in a turn or two; one that was lost with its connection never comes. */
const TURNS = 50;

/** Resolves when the broker no longer has the message of an outcome, so that a test finds the queue as it is to be. */
export async function acknowledgementArrival({ kind, message }: DeliveryOutcome, brokers: readonly TestBroker[]): Promise<void> {
  const [type, queue] = message.destination.split('://');
  if (type !== 'queue' || queue === undefined || (kind !== 'acknowledged' && kind !== 'duplicate')) return;
  const isThere = () =>
    brokers.some((broker) => {
      const messages = broker.running ? broker.queue(queue).browse() : [];
      return messages.some(({ messageId }) => messageId === message.messageId);
    });
  for (let turn = 0; turn < TURNS && isThere(); turn++) await new Promise<void>((resolve) => realSetImmediate(resolve));
}
