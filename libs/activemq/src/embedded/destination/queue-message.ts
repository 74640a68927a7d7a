import type { BrokerMessage } from '../broker/broker-message.js';
import type { ListNode } from './message-list.js';

/** A message standing in one queue. */
export class QueueMessage implements ListNode {
  list: object | undefined = undefined;
  previous: ListNode | undefined = undefined;
  next: ListNode | undefined = undefined;
  /** How often it was delivered and came back. */
  redeliveries: number;
  /** Gone from its queue. */
  removed = false;
  /** Acknowledged in an open transaction: browsers do not see it. */
  hidden = false;

  constructor(
    readonly message: BrokerMessage,
    /** Its place in the queue and in the store. */
    readonly sequence: number,
  ) {
    this.redeliveries = message.redeliveries;
  }

  get priority(): number {
    return this.message.priority;
  }
}
