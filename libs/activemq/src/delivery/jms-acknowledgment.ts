import { IllegalStateError } from '../errors/index.js';

/** What a handler in `manual` mode decided about its message. */
export type AcknowledgmentDecision =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'recover' }
  | { readonly kind: 'reject'; readonly reason: string };

/**
 * Decides the fate of one message in `ackMode: 'manual'`; the first call counts. Each attempt at a message has one of its own.
 *
 * Mirrors `Message.acknowledge()` and `Session.recover()` of JMS, for one message alone.
 */
export class JmsAcknowledgment {
  readonly #messageId: string;
  readonly #decide: (decision: AcknowledgmentDecision) => void;
  #decision: AcknowledgmentDecision | undefined;
  #closedBecause: string | undefined;

  /** @internal */
  constructor(messageId: string, decide: (decision: AcknowledgmentDecision) => void) {
    this.#messageId = messageId;
    this.#decide = decide;
  }

  /** What was decided; `undefined` while nothing is. */
  get decision(): AcknowledgmentDecision | undefined {
    return this.#decision;
  }

  /**
   * The message was handled: the broker may forget it.
   *
   * @throws IllegalStateError when its fate is already decided
   */
  acknowledge(): void {
    this.#settle({ kind: 'acknowledge' });
  }

  /**
   * Handle it again, by the redelivery policy; counts as a failed attempt.
   *
   * @throws IllegalStateError when its fate is already decided
   */
  recover(): void {
    this.#settle({ kind: 'recover' });
  }

  /**
   * Dead-letter it now.
   *
   * @param reason stands in the log and in the dead letter
   * @throws IllegalStateError when its fate is already decided
   */
  reject(reason: string): void {
    this.#settle({ kind: 'reject', reason });
  }

  /** @internal The attempt is over without a decision, and what follows is decided elsewhere. */
  close(why: string): void {
    this.#closedBecause = why;
  }

  #settle(decision: AcknowledgmentDecision): void {
    if (this.#closedBecause !== undefined) {
      throw new IllegalStateError(`Message ${this.#messageId}: ${decision.kind}() comes too late, ${this.#closedBecause}`);
    }
    if (this.#decision) {
      throw new IllegalStateError(
        `Message ${this.#messageId} was already decided: ${this.#decision.kind}(); ${decision.kind}() comes too late`,
      );
    }
    this.#decision = decision;
    this.#decide(decision);
  }
}
