import type { QueueStatistics } from './queue-statistics.js';

/** Messages that lie at a broker of a network where nobody takes them. */
export interface StuckQueue {
  readonly broker: string;
  readonly queue: string;
  readonly messages: number;
  /** Brokers whose consumers, a bridge at least, would take messages of this queue. */
  readonly consumersAt: readonly string[];
}

/** Dead letters lie by themselves until somebody looks at them. */
const DEAD_LETTERS = /^(ActiveMQ\.DLQ|DLQ\..+|.+\.dlq)$/i;

/**
 * Queues with messages of which none is on its way to a consumer: there is no consumer, or only a bridge that may not send them back where they
 * came from. A message that came this very moment looks the same: look twice. Dead letter queues are left out.
 */
export function findStuck(brokers: ReadonlyMap<string, readonly QueueStatistics[]>): StuckQueue[] {
  return [...brokers].flatMap(([broker, queues]) =>
    queues
      .filter(({ name, size, inFlight }) => size > 0 && inFlight === 0 && !DEAD_LETTERS.test(name))
      .map(({ name, size }) => ({ broker, queue: name, messages: size, consumersAt: consumersOf(name, brokers) })),
  );
}

function consumersOf(queue: string, brokers: ReadonlyMap<string, readonly QueueStatistics[]>): string[] {
  return [...brokers]
    .filter(([, queues]) => queues.some(({ name, consumers }) => name === queue && consumers > 0))
    .map(([broker]) => broker);
}

/** The warning for a person. */
export function stuckText({ broker, queue, messages, consumersAt }: StuckQueue): string {
  const what = `${messages} ${messages === 1 ? 'message' : 'messages'} of queue ${queue} at ${broker}, which nobody takes`;
  return consumersAt.length === 0
    ? `${what}: no broker has a consumer for it`
    : `${what}, though there are consumers at ${consumersAt.join(', ')}: forwarded for a consumer that has gone? (replayWhenNoConsumers)`;
}
