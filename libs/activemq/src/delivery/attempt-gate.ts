import type { InFlightMessage } from './in-flight-message.js';

/** How an attempt may go on. */
export type Entry =
  /** Run the handler. */
  | { readonly kind: 'enter'; readonly attempt: EnteredAttempt }
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
  /** Nobody can tell now: it stays unacknowledged, and the gate has its listener stopped or knows when to ask again. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** An attempt that a gate has let in. */
export interface EnteredAttempt {
  /** Runs the handler, in whatever context the gate gives it. */
  run(handler: () => Promise<unknown>): Promise<unknown>;
  /**
   * Called when the handler has succeeded, before the reply and the acknowledgement.
   *
   * @returns `completed`: go on; anything else: the message must not be acknowledged as handled, `Entry` says what to do instead
   */
  complete(result: unknown): Promise<{ readonly kind: 'completed' } | Exclude<Entry, { readonly kind: 'enter' }>>;
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
