import type { SessionTransaction } from '../connection/session-transaction.js';
import { BrokerError } from '../errors/index.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { AttemptGate, EnteredAttempt, TurnedAway } from './attempt-gate.js';
import type { DeliveryMemory, Verdict } from './delivery-memory.js';
import { type DeliveryTimers, SYSTEM_TIMERS } from './delivery-timers.js';
import { toErrorText } from '../errors/error-text.js';
import type { FailureDecider } from './failure-decision.js';
import { GivingUp } from './giving-up.js';
import { type DecidedResult, type HandlerRunSettings, resultOfDecision, runHandler } from './handler-run.js';
import type { InFlightMessage } from './in-flight-message.js';
import type { AcknowledgmentDecision } from './jms-acknowledgment.js';
import { pause } from './pause.js';
import { attemptsBefore, expiresWithin, receivedFrom } from './received-message.js';
import type { ResolvedRedeliveryPolicy } from './redelivery-policy.js';
import type { RedeliveryPolicyLookup } from './redelivery-policy-map.js';
import type { Settlement } from './settlement.js';

/** What a {@link DeliveryProcess} is made from. */
export interface DeliveryProcessSettings extends Omit<HandlerRunSettings, 'onFailedAfterDecision'> {
  readonly listenerId: string;
  readonly redelivery: RedeliveryPolicyLookup;
  readonly decider: FailureDecider;
  readonly settlement: Settlement;
  readonly memory: DeliveryMemory;
  /** Asked before each attempt; default lets every one in. */
  readonly gate?: AttemptGate;
  /** Says why a message must not be tried at all, such as that it has killed its consumers; `undefined` when it may. */
  readonly whyUnfit?: (inFlight: InFlightMessage) => Promise<string | undefined> | undefined;
  /** Sends what a handler returned to where it is to go, and resolves when it is confirmed. */
  readonly reply?: (message: JmsMessage, result: unknown) => Promise<void>;
  /** What the delays between attempts are waited with; default the computer's. */
  readonly timers?: DeliveryTimers;
  /** Called when a message that has left its slot is due for another attempt. */
  readonly onRecover: (inFlight: InFlightMessage) => void;
  /** Called when a message that had left its slot is settled. */
  readonly onSettledLate: (inFlight: InFlightMessage) => void;
  /** Called when the gate cannot tell: the listener takes no messages until the promise resolves. */
  readonly onUnavailable?: (until: Promise<void>, reason: string) => void;
}

/** How a message left its slot: settled, left to a manual decision, or waiting for its next attempt outside of it. */
export type SlotEnd = 'settled' | 'undecided' | 'waiting';

/** ms until a reply that could not be sent again is tried anew. */
const REPLY_RETRY_DELAY = 5_000;

/** Takes one message from its delivery to its end: attempts, delays between them, settlement. */
export class DeliveryProcess {
  readonly #settings: DeliveryProcessSettings;
  readonly #timers: DeliveryTimers;
  readonly #givingUp: GivingUp;
  /** What the gate has let in, of messages left to a manual decision. */
  readonly #undecided = new Map<InFlightMessage, EnteredAttempt>();

  constructor(settings: DeliveryProcessSettings) {
    this.#settings = settings;
    this.#timers = settings.timers ?? SYSTEM_TIMERS;
    this.#givingUp = new GivingUp(settings.memory, settings.settlement, this.#timers);
  }

  /** Handles the message until it is settled, given back, left to a manual decision or waits outside its slot; the slot is free then. */
  async run(inFlight: InFlightMessage): Promise<SlotEnd> {
    const { memory, settlement, whyUnfit, gate } = this.#settings;
    if (memory.wasHandled(inFlight.key)) {
      settlement.acknowledgeDuplicate(inFlight);
      return 'settled';
    }
    if (memory.failuresOf(inFlight.key).isRejectionLost) {
      if (await this.#givingUp.wasRejected(inFlight)) return 'settled';
      // Lost while it was looked for: the next delivery asks again.
      if (!inFlight.delivery.isCurrent) {
        settlement.report.released(inFlight, 'its connection was lost before it began');
        return 'settled';
      }
    }
    for (;;) {
      const { attempts, verdict } = memory.failuresOf(inFlight.key);
      if (verdict) return this.#givingUp.bury(inFlight, verdict);
      if (expiresWithin(inFlight.message, 0)) return this.#givingUp.condemn(inFlight, EXPIRED);
      inFlight.message.deliveryCount = attemptsBefore(inFlight.message) + attempts + 1;
      const examination = whyUnfit?.(inFlight);
      const unfit = examination && (await examination);
      if (unfit !== undefined) return this.#givingUp.condemn(inFlight, { reason: unfit, error: undefined });
      const entry = gate ? await gate.enter(inFlight) : NO_GATE;
      const end = entry.kind === 'enter' ? await this.#attempt(inFlight, entry.attempt) : await this.#turnAway(inFlight, entry);
      if (end) return end;
    }
  }

  /** `undefined` when the message is to be tried again at once. */
  async #attempt(inFlight: InFlightMessage, attempt: EnteredAttempt | undefined): Promise<SlotEnd | undefined> {
    const { ackMode, settlement } = this.#settings;
    const transaction = ackMode === 'transacted' ? inFlight.delivery.begin() : undefined;
    const onFailedAfterDecision = (error: unknown) =>
      settlement.report.error(inFlight, `was already decided when its handler failed: ${toErrorText(error)}`);
    const result = await runHandler({ ...this.#settings, onFailedAfterDecision }, inFlight, attempt, transaction, (decision) => {
      void this.#decideLate(inFlight, attempt, decision);
    });
    if (result.kind === 'undecided') {
      if (attempt) this.#undecided.set(inFlight, attempt);
      return 'undecided';
    }
    if (result.kind === 'handled' && transaction) return this.#commit(inFlight, attempt, transaction, result.result);
    if (transaction) await transaction.rollback();
    return this.#conclude(inFlight, attempt, result);
  }

  /** A message left to a manual decision is the broker's again: whoever gets it next is not to wait for a decision here. */
  async forgetUndecided(inFlight: InFlightMessage): Promise<void> {
    const attempt = this.#undecided.get(inFlight);
    this.#undecided.delete(inFlight);
    await attempt?.release();
  }

  async #decideLate(inFlight: InFlightMessage, attempt: EnteredAttempt | undefined, decision: AcknowledgmentDecision): Promise<void> {
    const { settlement, onRecover, onSettledLate } = this.#settings;
    this.#undecided.delete(inFlight);
    let end: SlotEnd | undefined;
    try {
      end = await this.#conclude(inFlight, attempt, resultOfDecision(decision, undefined), true);
    } catch (error) {
      // Nobody waits for this, so nobody else would say it: a dead-letter strategy of the user's own may throw.
      settlement.report.warn(inFlight, `could not be settled, and stays unacknowledged: ${toErrorText(error)}`);
      end = 'settled';
    }
    if (end === undefined) onRecover(inFlight);
    else if (end === 'settled') onSettledLate(inFlight);
  }

  /** @param isOutside whether the message has left its slot, so that its next attempt must not be waited for in it */
  async #conclude(
    inFlight: InFlightMessage,
    attempt: EnteredAttempt | undefined,
    result: DecidedResult,
    isOutside = false,
  ): Promise<SlotEnd | undefined> {
    if (result.kind === 'handled') return this.#handled(inFlight, attempt, result.result);
    await attempt?.release();
    if (result.kind === 'failed') return this.#failed(inFlight, result.error, isOutside);
    return this.#givingUp.condemn(inFlight, { reason: `rejected: ${result.reason}`, error: undefined, isAttempted: true });
  }

  /** @param isReplyDue false when the reply is sent already, or was found to go nowhere */
  async #handled(
    inFlight: InFlightMessage,
    attempt: EnteredAttempt | undefined,
    result: unknown,
    isReplyDue = true,
  ): Promise<SlotEnd | undefined> {
    const { reply } = this.#settings;
    if (attempt) {
      const completed = await attempt.complete(result);
      if (completed.kind !== 'completed') return this.#turnAway(inFlight, completed);
    }
    try {
      if (reply && isReplyDue) await reply(inFlight.message, result);
    } catch (error) {
      await attempt?.release();
      return this.#failed(inFlight, error);
    }
    return this.#acknowledge(inFlight);
  }

  async #commit(
    inFlight: InFlightMessage,
    attempt: EnteredAttempt | undefined,
    transaction: SessionTransaction,
    result: unknown,
  ): Promise<SlotEnd | undefined> {
    const { reply, inTransaction, memory, settlement } = this.#settings;
    try {
      if (reply) await inTransaction(transaction, () => reply(inFlight.message, result));
      if (transaction.isEmpty) return await this.#handled(inFlight, attempt, result, false);
      await inFlight.delivery.acknowledgeIn(transaction);
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      await attempt?.release();
      // Without an answer nobody knows whether it is committed; if it is not, the broker delivers the message again.
      if (inFlight.delivery.isCurrent || error instanceof BrokerError) return this.#failed(inFlight, error);
      settlement.report.released(inFlight, 'its transaction was not confirmed');
      return 'settled';
    }
    memory.handled(inFlight.key, inFlight.delivery.subscription);
    settlement.report.acknowledged(inFlight);
    await attempt?.complete(result);
    return 'settled';
  }

  async #failed(inFlight: InFlightMessage, error: unknown, isOutside = false): Promise<SlotEnd | undefined> {
    const { memory, settlement, decider, listenerId, ackMode } = this.#settings;
    const { message } = inFlight;
    if (ackMode === 'transacted' && !inFlight.delivery.isCurrent) {
      settlement.report.released(inFlight, 'its transaction ended with its connection');
      return 'settled';
    }
    const policy = this.#settings.redelivery(receivedFrom(message));
    const attempt = attemptsBefore(message) + memory.failed(inFlight.key).attempts;
    const decision = await decider.decide(error, { message, attempt, listenerId }, policy);
    if (decision.kind === 'retry') return this.#retry(inFlight, attempt, policy, decision.delay, error, isOutside);
    if (decision.kind === 'dead-letter') return this.#givingUp.condemn(inFlight, { reason: decision.reason, error });
    if (decision.kind === 'acknowledge') return this.#acknowledge(inFlight, { reason: decision.reason, error });
    memory.handled(inFlight.key, inFlight.delivery.subscription);
    settlement.discard(inFlight, attempt, decision.reason, error);
    return 'settled';
  }

  async #retry(
    inFlight: InFlightMessage,
    attempt: number,
    { mode, maximumRedeliveries, nonBlockingRedelivery }: ResolvedRedeliveryPolicy,
    delay: number,
    error: unknown,
    isOutside: boolean,
  ): Promise<SlotEnd | undefined> {
    const { settlement } = this.#settings;
    if (mode !== 'broker' && expiresWithin(inFlight.message, delay)) return this.#givingUp.condemn(inFlight, { ...EXPIRED, error });
    if (mode === 'broker') {
      return this.#givingUp.rejectForRedelivery(inFlight, () =>
        settlement.report.retrying(inFlight, attempt, maximumRedeliveries, undefined, error),
      );
    }
    settlement.report.retrying(inFlight, attempt, maximumRedeliveries, delay, error);
    if (mode === 'scheduled' && (await this.#schedule(inFlight, delay, attempt))) return 'settled';
    if (nonBlockingRedelivery || isOutside) {
      void this.#later(inFlight, delay);
      return 'waiting';
    }
    if (await pause(delay, inFlight.interrupted, this.#timers)) return undefined;
    settlement.report.released(inFlight, 'its next attempt was not due yet');
    return 'settled';
  }

  async #schedule(inFlight: InFlightMessage, delay: number, attempts?: number): Promise<boolean> {
    const { memory, settlement } = this.#settings;
    const failures = attempts === undefined ? undefined : { attempts, record: memory.failuresOf(inFlight.key) };
    if (!(await settlement.schedule(inFlight, delay, failures))) return false;
    // Should the original come again, because its acknowledgement got lost: its copy stands for it.
    memory.handled(inFlight.key, inFlight.delivery.subscription);
    return true;
  }

  /** Another attempt after the delay, outside of the slot. */
  async #later(inFlight: InFlightMessage, delay: number): Promise<void> {
    const { settlement, onRecover, onSettledLate } = this.#settings;
    if (await pause(delay, inFlight.interrupted, this.#timers)) {
      onRecover(inFlight);
      return;
    }
    settlement.report.released(inFlight, 'its next attempt was not due yet');
    onSettledLate(inFlight);
  }

  /** `undefined` when the gate is to be asked again. */
  async #turnAway(inFlight: InFlightMessage, entry: TurnedAway): Promise<SlotEnd | undefined> {
    const { settlement, onUnavailable } = this.#settings;
    if (entry.kind === 'refuse') return this.#givingUp.condemn(inFlight, entry);
    if (entry.kind === 'drop') return this.#acknowledgeDuplicate(inFlight, entry.reason);
    if (entry.kind === 'completed') return this.#replyAgain(inFlight, entry);
    if (entry.kind === 'unavailable') {
      settlement.report.released(inFlight, entry.reason);
      onUnavailable?.(entry.until, entry.reason);
      return 'settled';
    }
    if (entry.kind === 'defer' && (await this.#schedule(inFlight, entry.delay))) {
      settlement.report.deferred(inFlight, entry.delay, entry.reason);
      return 'settled';
    }
    return this.#hold(inFlight, entry.delay, entry.reason);
  }

  async #replyAgain(
    inFlight: InFlightMessage,
    { reason, result }: Extract<TurnedAway, { kind: 'completed' }>,
  ): Promise<SlotEnd | undefined> {
    const { settlement, reply } = this.#settings;
    try {
      if (result) await reply?.(inFlight.message, result.value);
    } catch (error) {
      const what = 'its reply could not be sent again';
      settlement.report.warn(inFlight, `was handled before, but ${what}: ${toErrorText(error)}`);
      return this.#hold(inFlight, REPLY_RETRY_DELAY, what);
    }
    return this.#acknowledgeDuplicate(inFlight, reason);
  }

  async #hold(inFlight: InFlightMessage, delay: number, reason: string): Promise<SlotEnd | undefined> {
    if (await pause(delay, inFlight.interrupted, this.#timers)) return undefined;
    this.#settings.settlement.report.released(inFlight, reason);
    return 'settled';
  }

  #acknowledge(inFlight: InFlightMessage, more?: { readonly reason: string; readonly error: unknown }): SlotEnd {
    this.#settings.memory.handled(inFlight.key, inFlight.delivery.subscription);
    this.#settings.settlement.acknowledge(inFlight, more);
    return 'settled';
  }

  #acknowledgeDuplicate(inFlight: InFlightMessage, reason: string): SlotEnd {
    this.#settings.memory.handled(inFlight.key, inFlight.delivery.subscription);
    this.#settings.settlement.acknowledgeDuplicate(inFlight, reason);
    return 'settled';
  }
}

/** What stands for a gate where there is none: nothing is waited for. */
const NO_GATE = { kind: 'enter', attempt: undefined } as const;

const EXPIRED: Verdict = { reason: 'expired', error: undefined, isExpired: true };
