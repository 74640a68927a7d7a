import type { JmsMessage } from '../message/jms-message.js';

/**
 * What became of one delivery:
 *
 * - `acknowledged`: handled; the acknowledgement is written, or waits for the broker to deliver the message again after a loss of the connection
 * - `duplicate`: handled before, acknowledged without running the handler again
 * - `retrying`: the attempt failed and another one follows, after `delay` ms where that is known
 * - `dead-lettered`: given to the dead-letter strategy, confirmed by the broker
 * - `discarded`: acknowledged without having been handled, because the strategy or the error handler says so
 * - `deferred`: somebody else is handling it; the broker's scheduler brings it back after `delay` ms
 * - `kept`: a dead letter that failed again; it stays unacknowledged
 * - `released`: undecided; the broker delivers it again, or it is taken up again here when a gate that could not tell can
 */
export type DeliveryOutcomeKind =
  | 'acknowledged'
  | 'duplicate'
  | 'retrying'
  | 'dead-lettered'
  | 'discarded'
  | 'deferred'
  | 'kept'
  | 'released';

/** The fate of one delivery, as settlement decided it. */
export interface DeliveryOutcome {
  readonly kind: DeliveryOutcomeKind;
  readonly listenerId: string;
  readonly message: JmsMessage;
  /** Attempts made so far, the successful one included; 0 for a duplicate. */
  readonly attempts: number;
  /** Why, in words; only where the handler did not simply succeed. */
  readonly reason?: string;
  /** What the handler threw last. */
  readonly error?: unknown;
  /** ms until the next attempt. */
  readonly delay?: number;
  /** Where the dead letter went, e.g. `queue://ActiveMQ.DLQ`; `undefined` when the broker decided. */
  readonly deadLetterDestination?: string;
}
