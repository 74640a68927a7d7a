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
  /** What it counted so far; a copy. */
  readonly snapshot?: GateSnapshot;
  /** Called once with the listener it guards, before that takes its first message; a gate that cannot tell anything then suspends it at once. */
  attach?(listener: GatedListener): void;
  /** Does not throw: what it cannot tell is `unavailable`. */
  enter(inFlight: InFlightMessage): Promise<Entry>;
}

/** A listener, as far as its gate may touch it. */
export interface GatedListener {
  /**
   * Lets it take no messages until the promise resolves: what has not begun goes back to the broker, handlers that run go on.
   *
   * @param reason stands in the log
   */
  suspend(until: Promise<void>, reason: string): void;
}

/** What a gate counted since the application started. */
export interface GateSnapshot {
  /** Answers to claims; `joined` were answered by an attempt that ran in this process, `error` by no store in time. */
  readonly claims: Readonly<Record<'acquired' | 'completed' | 'in-progress' | 'mismatch' | 'joined' | 'error', number>>;
  /** Attempts whose claim was somebody else's when they ended: the handler may have run twice. */
  readonly lostLeases: number;
  /** Completions that found their record gone: a duplicate may have run meanwhile. */
  readonly recreated: number;
  /** Handlers that succeeded while the store could not be told; each is told later, or stands in one of the two counts above. */
  readonly uncertain: number;
  /** Messages sent back through the broker's scheduler because somebody else was at them. */
  readonly deferrals: number;
  /** Messages handled without a claim: the store was out, or they had no key, and the listener's options say `'process'`. */
  readonly unprotected: number;
  /** Messages dead-lettered by the gate: no key, other content under a known key, or one whose handler killed its process each time. */
  readonly refused: number;
  /** Calls to the store, how many of them failed, and ms they took in all. */
  readonly store: Readonly<
    Record<'claim' | 'complete' | 'release', { readonly calls: number; readonly failures: number; readonly ms: number }>
  >;
  /** Whether the store is out, and the listener waits for it. */
  readonly isBreakerOpen: boolean;
}
