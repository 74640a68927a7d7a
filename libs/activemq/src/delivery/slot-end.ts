/**
 * How a message left its slot: settled; left to a manual decision; kept, a dead letter that stays unacknowledged until its subscription ends;
 * waiting for its next attempt outside of it; or postponed, to be taken up again before all others when slots start something again.
 */
export type SlotEnd = 'settled' | 'undecided' | 'kept' | 'waiting' | 'postponed';
