/**
 * Whether a destination is a dead letter queue by ActiveMQ's habits: `ActiveMQ.DLQ`, or a name that begins with `ActiveMQ.DLQ.` or `DLQ.`.
 *
 * A NACK of a message on such a queue destroys it.
 */
export function isDeadLetterQueue(destination: string): boolean {
  return /^queue:\/\/(?:ActiveMQ\.DLQ(?:$|\.)|DLQ\.)/.test(destination);
}
