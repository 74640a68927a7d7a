import type { BrokerMessage } from '../broker/broker-message.js';
import { isTemporary } from '../destination/destination-name.js';
import { namePattern } from './name-pattern.js';

/** Which dead letters are destroyed whatever their strategy says: ActiveMQ's `discardingDLQBrokerPlugin`, its names and defaults. */
export interface DiscardingDlqBrokerPlugin {
  /** Destroy every dead letter; default `true`. */
  readonly dropAll?: boolean;
  /** Destroy those of temporary queues; default `true`. */
  readonly dropTemporaryQueues?: boolean;
  /** Destroy those of temporary topics; default `true`. */
  readonly dropTemporaryTopics?: boolean;
  /** Regular expressions with blanks between them: destroys the dead letters of the queues and topics whose whole name matches one; default none. */
  readonly dropOnly?: string;
}

/**
 * Makes the test whether a dead letter is destroyed.
 *
 * @throws ConfigurationError for an expression that is not known here
 */
export function discards(options: DiscardingDlqBrokerPlugin | undefined): (message: BrokerMessage) => boolean {
  if (options === undefined) return () => false;
  const { dropAll = true, dropTemporaryQueues = true, dropTemporaryTopics = true, dropOnly = '' } = options;
  const patterns = dropOnly
    .split(/\s+/)
    .filter((pattern) => pattern !== '')
    .map(namePattern);
  return ({ destination }) => {
    if (dropAll) return true;
    if (isTemporary(destination) && (destination.kind === 'temp-queue' ? dropTemporaryQueues : dropTemporaryTopics)) return true;
    return patterns.some((matches) => matches(destination.physicalName));
  };
}
