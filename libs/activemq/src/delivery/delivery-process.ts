import type { DeliveringSubscription } from '../connection/incoming-delivery.js';
import { type SessionTransaction, endedWithItsConnection } from '../connection/session-transaction.js';
import { BrokerError } from '../errors/index.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { AttemptGate, EnteredAttempt, TurnedAway } from './attempt-gate.js';
import type { Unfitness } from './crash-loop-guard.js';
import { DeadLettering } from './dead-lettering.js';
import { type DeliveryTimers, SYSTEM_TIMERS } from './delivery-timers.js';
import { toErrorText } from '../errors/error-text.js';
import { type DecidedResult, type HandlerRunSettings, resultOfDecision, runHandler } from './handler-run.js';
import type { InFlightMessage } from './in-flight-message.js';
import type { AcknowledgmentDecision } from './jms-acknowledgment.js';
import { attemptsBefore, EXPIRED, expiresWithin } from './received-message.js';
import { Redelivery, type RedeliverySettings } from './redelivery.js';
import type { SlotEnd } from './slot-end.js';

/** What a {@link DeliveryProcess} is made from. */
export interface DeliveryProcessSettings extends Omit<HandlerRunSettings, 'onFailedAfterDecision'>, RedeliverySettings {
  /** Asked before each attempt; default lets every one in. */
  readonly gate?: AttemptGate;
  /** Says why a message must not be tried at all, such as that it has killed its consumers; `undefined` when it may. */
  readonly whyUnfit?: (inFlight: InFlightMessage) => Promise<Unfitness | undefined> | undefined;
  /** Sends what a handler returned to where it is to go, and resolves when it is confirmed. */
  readonly reply?: (message: JmsMessage, result: unknown) => Promise<void>;
  /** What the delays between attempts are waited with; default the computer's. */
  readonly timers?: DeliveryTimers;
  /** Called when the gate cannot tell: the listener takes no messages until the promise resolves. */
  readonly onUnavailable?: (until: Promise<void>, reason: string) => void;
  /** Called when a message left to a manual decision is decided; `end` tells what became of it, `undefined` that it is to be tried again. */
  readonly onDecidedLate: (inFlight: InFlightMessage, end: Promise<SlotEnd | undefined>) => void;
}

/** So many connections may end while the broker has a message of a delivery's transaction before that is taken for more than bad luck. */
const MOST_LOST_SENDS = 5;

/** Takes one message from its delivery to its end: attempts, delays between them, settlement. */
export class DeliveryProcess {
  readonly #settings: DeliveryProcessSettings;
  readonly #deadLettering: DeadLettering;
  readonly #redelivery: Redelivery;
  /** What the gate has let in, of messages left to a manual decision. */
  readonly #undecided = new Map<InFlightMessage, EnteredAttempt>();

  constructor(settings: DeliveryProcessSettings) {
    this.#settings = settings;
    const timers = settings.timers ?? SYSTEM_TIMERS;
    this.#deadLettering = new DeadLettering(settings.memory, settings.settlement, timers);
    this.#redelivery = new Redelivery(settings, timers, this.#deadLettering);
  }

  /** Handles the message until it is settled, given back, left to a manual decision or waits outside its slot; the slot is free then. */
  run(inFlight: InFlightMessage): Promise<SlotEnd> {
    return this.#settings.inTransaction(undefined, () => {
      const isHandledElsewhere = this.#settings.memory.runOf(inFlight.key) !== undefined;
      return isHandledElsewhere ? this.#runAfterOthers(inFlight) : this.#runAlone(inFlight);
    });
  }

  /**
   * A message whose handler still runs on another subscription of the listener, and that was delivered here because its connection was lost, waits
   * for that handler: what became of it is known then.
   */
  async #runAfterOthers(inFlight: InFlightMessage): Promise<SlotEnd> {
    const { memory } = this.#settings;
    for (let run = memory.runOf(inFlight.key); run; run = memory.runOf(inFlight.key)) {
      const end = await this.#redelivery.holdUntil(inFlight, run, 'another delivery of it was still being handled');
      if (end) return end;
    }
    return this.#runAlone(inFlight);
  }

  async #runAlone(inFlight: InFlightMessage): Promise<SlotEnd> {
    const onEnd = this.#settings.memory.begin(inFlight.key);
    try {
      return await this.#run(inFlight);
    } finally {
      onEnd();
    }
  }

  async #run(inFlight: InFlightMessage): Promise<SlotEnd> {
    const { memory, settlement, whyUnfit, gate } = this.#settings;
    if (memory.wasHandled(inFlight.key)) {
      settlement.acknowledgeDuplicate(inFlight);
      return 'settled';
    }
    if (memory.failuresOf(inFlight.key).isRejectionLost) {
      if (await this.#deadLettering.wasRejected(inFlight)) return 'settled';
      // Lost while it was looked for: the next delivery asks again.
      if (!inFlight.delivery.isCurrent) {
        settlement.report.released(inFlight, 'its connection was lost before it began');
        return 'settled';
      }
    }
    for (;;) {
      const { attempts, verdict, notBefore } = memory.failuresOf(inFlight.key);
      if (verdict) return this.#deadLettering.deadLetter(inFlight, verdict);
      if (expiresWithin(inFlight.message, 0)) return this.#deadLettering.giveUp(inFlight, EXPIRED);
      const early = notBefore === undefined ? undefined : await this.#redelivery.awaitDue(inFlight, notBefore);
      if (early) return early;
      inFlight.message.deliveryCount = attemptsBefore(inFlight.message) + attempts + 1;
      const examination = whyUnfit?.(inFlight);
      const unfit = examination && (await examination);
      if (unfit) return this.#deadLettering.giveUp(inFlight, { ...unfit, error: undefined });
      const entry = gate ? await gate.enter(inFlight) : NO_GATE;
      const end = entry.kind === 'enter' ? await this.#attempt(inFlight, entry.attempt) : await this.#turnAway(inFlight, entry);
      if (end) return end;
    }
  }

  /** `undefined` when the message is to be tried again at once. */
  async #attempt(inFlight: InFlightMessage, attempt: EnteredAttempt | undefined): Promise<SlotEnd | undefined> {
    const { ackMode, settlement } = this.#settings;
    const { subscription } = inFlight.delivery;
    const transaction = ackMode === 'transacted' ? inFlight.delivery.begin() : undefined;
    const onFailedAfterDecision = (error: unknown) =>
      settlement.report.error(inFlight, `was already decided when its handler failed: ${toErrorText(error)}`);
    let isDecided = false;
    const result = await runHandler({ ...this.#settings, onFailedAfterDecision }, inFlight, attempt, transaction, (decision, returned) => {
      isDecided = true;
      this.#settings.onDecidedLate(inFlight, this.#decideLate(inFlight, attempt, decision, returned));
    });
    if (result.kind === 'undecided') {
      if (attempt && !isDecided) this.#undecided.set(inFlight, attempt);
      return 'undecided';
    }
    if (result.kind === 'handled' && transaction) return this.#commit(inFlight, attempt, { transaction, subscription }, result.result);
    if (transaction) await transaction.rollback();
    if (result.kind === 'failed' && transaction && this.#isVoid(inFlight, { transaction, subscription }, result.error)) {
      await attempt?.release();
      return this.#voided(inFlight, 'its transaction ended with its connection');
    }
    return this.#conclude(inFlight, attempt, result);
  }

  /** A message left to a manual decision is the broker's again: whoever gets it next is not to wait for a decision here. */
  async forgetUndecided(inFlight: InFlightMessage): Promise<void> {
    const attempt = this.#undecided.get(inFlight);
    this.#undecided.delete(inFlight);
    await attempt?.release();
  }

  #decideLate(
    inFlight: InFlightMessage,
    attempt: EnteredAttempt | undefined,
    decision: AcknowledgmentDecision,
    returned: unknown,
  ): Promise<SlotEnd | undefined> {
    this.#undecided.delete(inFlight);
    // In no transaction: the code that decides may be in one.
    return this.#settings.inTransaction(undefined, async () => {
      try {
        return await this.#conclude(inFlight, attempt, resultOfDecision(decision, returned));
      } catch (error) {
        // Nobody else would say it.
        this.#settings.settlement.report.warn(inFlight, `could not be settled, and stays unacknowledged: ${toErrorText(error)}`);
        return 'settled';
      }
    });
  }

  async #conclude(inFlight: InFlightMessage, attempt: EnteredAttempt | undefined, result: DecidedResult): Promise<SlotEnd | undefined> {
    if (result.kind === 'handled') return this.#handled(inFlight, attempt, result.result);
    await attempt?.release();
    if (result.kind === 'failed') return this.#redelivery.failed(inFlight, result.error);
    return this.#deadLettering.giveUp(inFlight, { reason: `rejected: ${result.reason}`, error: undefined, isAttempted: true });
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
      return this.#redelivery.failed(inFlight, error);
    }
    this.#settings.memory.handled(inFlight.key, inFlight.delivery.subscription);
    this.#settings.settlement.acknowledge(inFlight);
    return 'settled';
  }

  async #commit(
    inFlight: InFlightMessage,
    attempt: EnteredAttempt | undefined,
    { transaction, subscription }: TransactedAttempt,
    result: unknown,
  ): Promise<SlotEnd | undefined> {
    const { reply, inTransaction, memory, settlement } = this.#settings;
    try {
      if (reply) await inTransaction(transaction, () => reply(inFlight.message, result));
      if (transaction.isEmpty) {
        // Closed, so that a send that nobody awaited fails instead of joining what nobody commits.
        await transaction.commit();
        return await this.#handled(inFlight, attempt, result, false);
      }
      await inFlight.delivery.acknowledgeIn(transaction);
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      await attempt?.release();
      // Without an answer nobody knows whether it is committed; if it is not, the broker delivers the message again.
      if (error instanceof BrokerError || !this.#isVoid(inFlight, { transaction, subscription }, error)) {
        return this.#redelivery.failed(inFlight, error);
      }
      return this.#voided(inFlight, 'its transaction was not confirmed');
    }
    memory.handled(inFlight.key, inFlight.delivery.subscription);
    settlement.report.acknowledged(inFlight);
    await attempt?.complete(result);
    return 'settled';
  }

  /** `undefined` when the gate is to be asked again. */
  async #turnAway(inFlight: InFlightMessage, entry: TurnedAway): Promise<SlotEnd | undefined> {
    const { settlement, onUnavailable } = this.#settings;
    if (entry.kind === 'refuse') return this.#deadLettering.giveUp(inFlight, entry);
    if (entry.kind === 'drop') return this.#acknowledgeDuplicate(inFlight, entry.reason);
    if (entry.kind === 'completed') return this.#replyAgain(inFlight, entry);
    if (entry.kind === 'unavailable') {
      settlement.report.released(inFlight, entry.reason);
      onUnavailable?.(entry.until, entry.reason);
      return 'postponed';
    }
    if (entry.kind === 'defer' && (await this.#redelivery.schedule(inFlight, entry.delay))) {
      settlement.report.deferred(inFlight, entry.delay, entry.reason);
      return 'settled';
    }
    return this.#redelivery.hold(inFlight, entry.delay, entry.reason);
  }

  async #replyAgain(
    inFlight: InFlightMessage,
    { reason, result }: Extract<TurnedAway, { kind: 'completed' }>,
  ): Promise<SlotEnd | undefined> {
    try {
      if (result) await this.#settings.reply?.(inFlight.message, result.value);
    } catch (error) {
      return this.#redelivery.failed(inFlight, error);
    }
    return this.#acknowledgeDuplicate(inFlight, reason);
  }

  /**
   * Whether a transaction failed because its connection was lost: nobody knows how far it came, and it is no failed attempt. Where the broker had a
   * message of it each time, that may be what ends connections: such attempts count after some of them, so that they have an end.
   */
  #isVoid({ key }: InFlightMessage, { transaction, subscription }: TransactedAttempt, error: unknown): boolean {
    if (subscription.isCurrent || !endedWithItsConnection(error)) return false;
    return !transaction.hasLostSend || this.#settings.memory.sendLost(key) <= MOST_LOST_SENDS;
  }

  /** An attempt is as if it had not been; `undefined` when the message was delivered again meanwhile, and joined it. */
  #voided(inFlight: InFlightMessage, why: string): SlotEnd | undefined {
    if (inFlight.delivery.isCurrent) return undefined;
    this.#settings.settlement.report.released(inFlight, why);
    return 'settled';
  }

  #acknowledgeDuplicate(inFlight: InFlightMessage, reason: string): SlotEnd {
    this.#settings.memory.handled(inFlight.key, inFlight.delivery.subscription);
    this.#settings.settlement.acknowledgeDuplicate(inFlight, reason);
    return 'settled';
  }
}

/** A transaction, and the subscription that delivered the message to it. */
interface TransactedAttempt {
  readonly transaction: SessionTransaction;
  readonly subscription: DeliveringSubscription;
}

/** What stands for a gate where there is none: nothing is waited for. */
const NO_GATE = { kind: 'enter', attempt: undefined } as const;
