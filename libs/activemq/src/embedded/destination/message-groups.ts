import type { BrokerMessage } from '../broker/broker-message.js';

/** Groups remembered per queue, as ActiveMQ's default (`cachedMessageGroups`): beyond it the oldest group may change its owner. */
const MAX_GROUPS = 1024;

/** Which consumer owns which message group (`JMSXGroupID`) of one queue. */
export class MessageGroups<C> {
  readonly #owners = new Map<string, C>();

  /** Tells whether a consumer may have a message; an unowned group becomes its own. */
  assign(consumer: C, message: BrokerMessage): boolean {
    const group = message.groupId;
    if (group === undefined) return true;
    const owner = this.#owners.get(group);
    if (owner === undefined || message.groupSequence === 1) {
      this.#own(group, consumer);
      return true;
    }
    if (owner !== consumer) return false;
    // A negative sequence number ends the group.
    if (message.groupSequence < 0) this.#owners.delete(group);
    return true;
  }

  /** Frees the groups of a consumer that is gone. */
  release(consumer: C): void {
    for (const [group, owner] of this.#owners) if (owner === consumer) this.#owners.delete(group);
  }

  #own(group: string, consumer: C): void {
    this.#owners.delete(group);
    this.#owners.set(group, consumer);
    if (this.#owners.size <= MAX_GROUPS) return;
    const oldest = this.#owners.keys().next();
    if (!oldest.done) this.#owners.delete(oldest.value);
  }
}
