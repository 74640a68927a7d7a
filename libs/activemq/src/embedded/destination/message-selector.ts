import { selectable } from '../broker/broker-message.js';
import { SelectorEvaluationError, type Selector } from '../../selector/index.js';
import type { QueueMessage } from './queue-message.js';

/**
 * Whether a selector takes a message of a queue. One that it cannot be evaluated on is not taken: ActiveMQ logs that and leaves the
 * message where it is.
 */
export function selects(selector: Selector | undefined, entry: QueueMessage): boolean {
  if (selector === undefined) return true;
  try {
    return selector.matches(selectable(entry.message, entry.redeliveries));
  } catch (error) {
    if (error instanceof SelectorEvaluationError) return false;
    throw error;
  }
}
