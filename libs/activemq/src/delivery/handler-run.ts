import type { SessionTransaction } from '../connection/session-transaction.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { EnteredAttempt } from './attempt-gate.js';
import type { InFlightMessage } from './in-flight-message.js';
import { type AcknowledgmentDecision, JmsAcknowledgment } from './jms-acknowledgment.js';

/** Runs a listener's method, enhancers included. */
export type MessageHandler = (message: JmsMessage, acknowledgment: JmsAcknowledgment) => Promise<unknown>;

/** When a message is acknowledged: after its handler succeeded, when the handler says so, or together with what the handler sent. */
export type AckMode = 'auto' | 'manual' | 'transacted';

/** How one run of a handler ended. */
export type RunResult =
  | { readonly kind: 'handled'; readonly result: unknown }
  | { readonly kind: 'undecided'; readonly result: unknown }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A run whose message can be settled. */
export type DecidedResult = Exclude<RunResult, { readonly kind: 'undecided' }>;

/** What {@link runHandler} works with. */
export interface HandlerRunSettings {
  readonly handler: MessageHandler;
  readonly ackMode: AckMode;
  /** Runs `work` so that what it sends is part of the transaction; of none without one. */
  readonly inTransaction: <T>(transaction: SessionTransaction | undefined, work: () => Promise<T>) => Promise<T>;
  /** The handler failed after it had decided: the decision stands. */
  readonly onFailedAfterDecision: (error: unknown) => void;
}

/**
 * Runs the handler once.
 *
 * @param transaction what the handler sends joins, in `transacted` mode
 * @param onLateDecision called for a decision that comes after the handler has returned, in `manual` mode
 */
export async function runHandler(
  settings: HandlerRunSettings,
  inFlight: InFlightMessage,
  attempt: EnteredAttempt | undefined,
  transaction: SessionTransaction | undefined,
  onLateDecision: (decision: AcknowledgmentDecision, result: unknown) => void,
): Promise<RunResult> {
  const { handler, ackMode, inTransaction } = settings;
  let hasReturned = false;
  let result: unknown;
  const acknowledgment = new JmsAcknowledgment(inFlight.message.messageId, (decision) => {
    if (hasReturned) onLateDecision(decision, result);
  });
  try {
    // In no transaction but its own: whoever resumed the listener, or opened its connection, may be in one.
    const work = () => inTransaction(transaction, () => handler(inFlight.message, acknowledgment));
    result = await (attempt ? attempt.run(work) : work());
  } catch (error) {
    if (!acknowledgment.decision) {
      acknowledgment.close('its handler has failed');
      return { kind: 'failed', error };
    }
    settings.onFailedAfterDecision(error);
  }
  // In every mode: an interceptor or a filter may decide where the handler has no parameter for it.
  if (acknowledgment.decision) return resultOfDecision(acknowledgment.decision, result);
  if (ackMode !== 'manual') {
    acknowledgment.close(`in '${ackMode}' mode it was acknowledged when its handler succeeded`);
    return { kind: 'handled', result };
  }
  hasReturned = true;
  return { kind: 'undecided', result };
}

/** What a manual decision means. */
export function resultOfDecision(decision: AcknowledgmentDecision, result: unknown): DecidedResult {
  if (decision.kind === 'acknowledge') return { kind: 'handled', result };
  if (decision.kind === 'reject') return { kind: 'rejected', reason: decision.reason };
  return { kind: 'failed', error: new Error('recover() was called') };
}
