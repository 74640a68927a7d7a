import type { JmsMessage } from '../message/jms-message.js';
import type { DeliveryMemory } from './delivery-memory.js';
import { type DeliveryTimers, SYSTEM_TIMERS } from './delivery-timers.js';
import { isDeadLetterQueue } from './dead-letter-queue.js';
import type { InFlightMessage } from './in-flight-message.js';
import { type AcknowledgmentDecision, JmsAcknowledgment } from './jms-acknowledgment.js';
import { pause } from './pause.js';
import { type ResolvedRedeliveryPolicy, redeliveryDelay } from './redelivery-policy.js';
import { isRetryable } from './retryable.js';
import type { Settlement } from './settlement.js';

/** Runs a listener's method, enhancers included. */
export type MessageHandler = (message: JmsMessage, acknowledgment: JmsAcknowledgment) => Promise<unknown>;

/** What a {@link DeliveryProcess} is made from. */
export interface DeliveryProcessSettings {
  readonly handler: MessageHandler;
  readonly ackMode: 'auto' | 'manual';
  readonly policy: ResolvedRedeliveryPolicy;
  readonly settlement: Settlement;
  readonly memory: DeliveryMemory;
  /** What the delays between attempts are waited with; default the computer's. */
  readonly timers?: DeliveryTimers;
  /** Called when a manual decision made after the handler returned asks for another attempt. */
  readonly onRecover: (inFlight: InFlightMessage) => void;
  /** Called when a message that had outlived its handler is settled. */
  readonly onSettledLate: (inFlight: InFlightMessage) => void;
}

type AttemptResult =
  | { readonly kind: 'handled' }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Takes one message from its delivery to its end: attempts, delays between them, settlement. */
export class DeliveryProcess {
  readonly #settings: DeliveryProcessSettings;
  readonly #timers: DeliveryTimers;

  constructor(settings: DeliveryProcessSettings) {
    this.#settings = settings;
    this.#timers = settings.timers ?? SYSTEM_TIMERS;
  }

  /**
   * Handles the message until it is settled, given back or left to a manual decision; the slot it runs in is free then.
   *
   * @returns whether the message is settled, as opposed to waiting for a manual decision
   */
  async run(inFlight: InFlightMessage): Promise<boolean> {
    const { memory, policy, settlement } = this.#settings;
    if (memory.wasHandled(inFlight.key)) {
      settlement.acknowledgeDuplicate(inFlight);
      return true;
    }
    for (;;) {
      const { attempts, verdict } = memory.failuresOf(inFlight.key);
      if (verdict) return this.#deadLetter(inFlight, verdict.reason, verdict.error);
      inFlight.message.deliveryCount = attempts + 1;
      const result = await this.#attempt(inFlight);
      if (result.kind === 'undecided') return false;
      if (result.kind === 'handled') return this.#acknowledge(inFlight);
      if (result.kind === 'rejected') return this.#condemn(inFlight, `rejected: ${result.reason}`, undefined);
      const wait = this.#failed(inFlight, result.error);
      if (wait === undefined) return this.#condemn(inFlight, this.#whyNoMore(result.error), result.error);
      settlement.retry(inFlight, attempts + 1, policy.maximumRedeliveries, wait, result.error);
      if (!(await pause(wait, inFlight.interrupted, this.#timers))) {
        settlement.release(inFlight, 'its next attempt was not due yet');
        return true;
      }
    }
  }

  async #attempt(inFlight: InFlightMessage): Promise<AttemptResult> {
    const { handler, ackMode, settlement } = this.#settings;
    let hasReturned = false;
    const acknowledgment = new JmsAcknowledgment(inFlight.message.messageId, (decision) => {
      if (hasReturned) void this.#decideLate(inFlight, decision);
    });
    try {
      await handler(inFlight.message, acknowledgment);
    } catch (error) {
      if (!acknowledgment.decision) {
        acknowledgment.close('its handler has failed');
        return { kind: 'failed', error };
      }
      settlement.failedAfterDecision(inFlight, error);
    }
    // In every mode: an interceptor or a filter may decide where the handler has no parameter for it.
    if (acknowledgment.decision) return resultOf(acknowledgment.decision);
    if (ackMode === 'auto') {
      acknowledgment.close("in 'auto' mode it was acknowledged when its handler succeeded");
      return { kind: 'handled' };
    }
    hasReturned = true;
    return { kind: 'undecided' };
  }

  async #decideLate(inFlight: InFlightMessage, decision: AcknowledgmentDecision): Promise<void> {
    const result = resultOf(decision);
    if (result.kind === 'failed') {
      const wait = this.#failed(inFlight, result.error);
      if (wait !== undefined) {
        const { attempts } = this.#settings.memory.failuresOf(inFlight.key);
        this.#settings.settlement.retry(inFlight, attempts, this.#settings.policy.maximumRedeliveries, wait, result.error);
        this.#timers.setTimeout(() => this.#settings.onRecover(inFlight), wait);
        return;
      }
      await this.#condemn(inFlight, this.#whyNoMore(result.error), result.error);
    } else if (result.kind === 'rejected') {
      await this.#condemn(inFlight, `rejected: ${result.reason}`, undefined);
    } else {
      this.#acknowledge(inFlight);
    }
    this.#settings.onSettledLate(inFlight);
  }

  /** Counts the failure; ms until the next attempt, `undefined` when there is none. */
  #failed(inFlight: InFlightMessage, error: unknown): number | undefined {
    const { memory, policy } = this.#settings;
    const attempts = memory.failed(inFlight.key);
    const isUsedUp = policy.maximumRedeliveries !== -1 && attempts > policy.maximumRedeliveries;
    return isUsedUp || !isRetryable(error) ? undefined : redeliveryDelay(policy, attempts);
  }

  #whyNoMore(error: unknown): string {
    return isRetryable(error) ? `its ${this.#settings.policy.maximumRedeliveries} redeliveries are used up` : 'the error is not retryable';
  }

  #acknowledge(inFlight: InFlightMessage): true {
    this.#settings.memory.handled(inFlight.key, inFlight.delivery.subscription);
    this.#settings.settlement.acknowledge(inFlight);
    return true;
  }

  #condemn(inFlight: InFlightMessage, reason: string, error: unknown): Promise<true> {
    this.#settings.memory.condemn(inFlight.key, reason, error);
    return this.#deadLetter(inFlight, reason, error);
  }

  async #deadLetter(inFlight: InFlightMessage, reason: string, error: unknown): Promise<true> {
    const { memory, settlement } = this.#settings;
    if (isDeadLetterQueue(inFlight.message.destination)) {
      settlement.keepDeadLetter(inFlight, error ?? reason);
      memory.forget(inFlight.key);
      return true;
    }
    // A rejection is an attempt that did not fail.
    const attempts = Math.max(memory.failuresOf(inFlight.key).attempts, inFlight.message.deliveryCount);
    if (await settlement.deadLetter(inFlight, attempts, reason, error)) memory.forget(inFlight.key);
    return true;
  }
}

function resultOf(decision: AcknowledgmentDecision): AttemptResult {
  if (decision.kind === 'acknowledge') return { kind: 'handled' };
  if (decision.kind === 'reject') return { kind: 'rejected', reason: decision.reason };
  return { kind: 'failed', error: new Error('recover() was called') };
}
