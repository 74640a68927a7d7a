import type { InFlightMessage } from './in-flight-message.js';

/** Why an attempt may not run, and what becomes of its message. */
export type TurnedAway =
  /** It was handled before: it is acknowledged without running the handler, after its reply has been sent again when there is one. */
  | { readonly kind: 'completed'; readonly reason: string; readonly result?: { readonly value: unknown } }
  /** Somebody else is at it: it is asked again after `delay` ms, in this slot; no attempt is counted. */
  | { readonly kind: 'hold'; readonly delay: number; readonly reason: string }
  /** Somebody else is at it: the broker's scheduler brings it back after `delay` ms; no attempt is counted. */
  | { readonly kind: 'defer'; readonly delay: number; readonly reason: string }
  /** It is acknowledged without being handled. */
  | { readonly kind: 'drop'; readonly reason: string }
  /** It is dead-lettered without being handled. */
  | { readonly kind: 'refuse'; readonly reason: string; readonly error: unknown }
  /** Nobody can tell now: it goes back to the broker, and its listener takes no messages until the promise resolves. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly until: Promise<void> };

/** How an attempt may go on. */
export type Entry = { readonly kind: 'enter'; readonly attempt: EnteredAttempt } | TurnedAway;

/** An attempt that a gate has let in. */
export interface EnteredAttempt {
  /** Runs the handler, in whatever context the gate gives it. */
  run(handler: () => Promise<unknown>): Promise<unknown>;
  /**
   * Called when the handler has succeeded, before the reply and the acknowledgement; in `transacted` mode after the commit, when something was
   * sent in the transaction: what it sent would be lost if it counted as handled before.
   *
   * @returns `completed`: go on; anything else: the message must not be acknowledged as handled
   */
  complete(result: unknown): Promise<{ readonly kind: 'completed' } | TurnedAway>;
  /** Called when the attempt has failed, or nobody waits for its end any more, before another attempt or a dead letter; it does not throw. */
  release(): Promise<void>;
}

/**
 * Asked before each attempt at a message whether it may run, and told how it ended. Settlement owns the order: enter, handler, complete, reply,
 * acknowledge; release before a retry or a dead letter. Idempotency is one.
 */
export interface AttemptGate {
  /** Does not throw: what it cannot tell is `unavailable`. */
  enter(inFlight: InFlightMessage): Promise<Entry>;
}
