import type { JmsMessage } from '../message/jms-message.js';

/**
 * What became of one delivery:
 *
 * - `acknowledged`: handled; the acknowledgement is written, or waits for the broker to deliver the message again after a loss of the connection
 * - `duplicate`: handled here before, acknowledged without running the handler again
 * - `retrying`: the attempt failed and another one follows after `delay` ms
 * - `dead-lettered`: rejected, and confirmed by the broker, whose dead letter strategy decides
 * - `kept`: a dead letter that failed again; it stays unacknowledged
 * - `released`: undecided; the broker delivers it again
 */
export type DeliveryOutcomeKind = 'acknowledged' | 'duplicate' | 'retrying' | 'dead-lettered' | 'kept' | 'released';

/** The fate of one delivery, as settlement decided it. */
export interface DeliveryOutcome {
  readonly kind: DeliveryOutcomeKind;
  readonly listenerId: string;
  readonly message: JmsMessage;
  /** Attempts made in this process, the successful one included; 0 for a duplicate. */
  readonly attempts: number;
  /** Why, in words; only where the handler did not simply succeed. */
  readonly reason?: string;
  /** What the handler threw last. */
  readonly error?: unknown;
  /** ms until the next attempt; only when `retrying`. */
  readonly delay?: number;
}
