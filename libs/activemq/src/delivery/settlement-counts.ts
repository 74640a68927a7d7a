/** How many messages of one listener met which end. */
export interface SettlementCounts {
  /** Handled and acknowledged. */
  readonly acknowledged: number;
  /** Handled before: acknowledged without running the handler again. */
  readonly duplicates: number;
  /** Failed attempts that are followed by another one. */
  readonly redeliveries: number;
  /** Given to the dead-letter strategy. */
  readonly deadLettered: number;
  /** Acknowledged without having been handled. */
  readonly discarded: number;
  /** Left to somebody else who is handling them; the broker's scheduler brings them back. */
  readonly deferred: number;
  /** Given back to the broker without a decision: shutdown, the connection died, or a dead letter that failed again. */
  readonly released: number;
}

/** Counts of which none has happened. */
export const NO_SETTLEMENTS: SettlementCounts = {
  acknowledged: 0,
  duplicates: 0,
  redeliveries: 0,
  deadLettered: 0,
  discarded: 0,
  deferred: 0,
  released: 0,
};
