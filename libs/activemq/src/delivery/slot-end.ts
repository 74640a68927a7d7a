/**
 * How a message left its slot: settled; left to a manual decision; kept, a dead letter that stays unacknowledged until its subscription ends; or
 * waiting for its next attempt outside of it.
 */
export type SlotEnd = 'settled' | 'undecided' | 'kept' | 'waiting';
