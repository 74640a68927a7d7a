import type { DeadLettering } from './dead-lettering.js';
import type { DeliveryMemory } from './delivery-memory.js';
import type { DeliveryTimers } from './delivery-timers.js';
import type { FailureDecider } from './failure-decision.js';
import type { InFlightMessage } from './in-flight-message.js';
import { pause, unlessInterrupted } from './pause.js';
import { attemptsBefore, EXPIRED, expiresWithin, receivedFrom } from './received-message.js';
import type { ResolvedRedeliveryPolicy } from './redelivery-policy.js';
import type { RedeliveryPolicyLookup } from './redelivery-policy-map.js';
import type { Settlement } from './settlement.js';
import type { SlotEnd } from './slot-end.js';

/** What a {@link Redelivery} works with. */
export interface RedeliverySettings {
  readonly listenerId: string;
  readonly redelivery: RedeliveryPolicyLookup;
  readonly decider: FailureDecider;
  readonly settlement: Settlement;
  readonly memory: DeliveryMemory;
  /** Called when a message that has left its slot is due for another attempt. */
  readonly onRecover: (inFlight: InFlightMessage) => void;
  /** Called when a message that had left its slot is settled. */
  readonly onSettledLate: (inFlight: InFlightMessage) => void;
}

/** What follows a failed attempt: another one, when and by whom the policy says, or the end of the message. */
export class Redelivery {
  readonly #settings: RedeliverySettings;
  readonly #timers: DeliveryTimers;
  readonly #deadLettering: DeadLettering;

  constructor(settings: RedeliverySettings, timers: DeliveryTimers, deadLettering: DeadLettering) {
    this.#settings = settings;
    this.#timers = timers;
    this.#deadLettering = deadLettering;
  }

  /** Counts the attempt and decides; `undefined` when the next one is due now, in this slot. */
  async failed(inFlight: InFlightMessage, error: unknown): Promise<SlotEnd | undefined> {
    const { memory, settlement, decider, listenerId } = this.#settings;
    const { message } = inFlight;
    const policy = this.#settings.redelivery(receivedFrom(message));
    const attempt = attemptsBefore(message) + memory.failed(inFlight.key).attempts;
    const decision = await decider.decide(error, { message, attempt, listenerId }, policy);
    if (decision.kind === 'retry') return this.#retry(inFlight, attempt, policy, decision.delay, error);
    if (decision.kind === 'dead-letter') return this.#deadLettering.giveUp(inFlight, { reason: decision.reason, error });
    memory.handled(inFlight.key, inFlight.delivery.subscription);
    if (decision.kind === 'acknowledge') settlement.acknowledge(inFlight, { reason: decision.reason, error });
    else settlement.discard(inFlight, attempt, decision.reason, error);
    return 'settled';
  }

  /** Has the broker's scheduler bring the message back, with its attempts counted when there are any; false when it stays here. */
  async schedule(inFlight: InFlightMessage, delay: number, attempts?: number): Promise<boolean> {
    const { memory, settlement } = this.#settings;
    const failures = attempts === undefined ? undefined : { attempts, record: memory.failuresOf(inFlight.key) };
    if (!(await settlement.schedule(inFlight, delay, failures))) return false;
    // Should the original come again, because its acknowledgement got lost: its copy stands for it.
    memory.handled(inFlight.key, inFlight.delivery.subscription);
    return true;
  }

  /** Waits in the slot; `undefined` when the time has come, and not the end of the delivery or of the listener. */
  async hold(inFlight: InFlightMessage, delay: number, why: string): Promise<SlotEnd | undefined> {
    const end = await this.#hold(inFlight, pause(delay, inFlight.interrupted, this.#timers), why);
    if (end === undefined) this.#settings.memory.due(inFlight.key);
    return end;
  }

  /** Waits in the slot until something has happened that does not fail; `undefined` when it has, and not the end of the delivery or of the listener. */
  holdUntil(inFlight: InFlightMessage, event: Promise<void>, why: string): Promise<SlotEnd | undefined> {
    return this.#hold(inFlight, unlessInterrupted(event, inFlight.interrupted), why);
  }

  /** @param wait resolves with whether it was not interrupted */
  async #hold(inFlight: InFlightMessage, wait: Promise<boolean>, why: string): Promise<SlotEnd | undefined> {
    inFlight.isWaiting = true;
    const isOver = await wait;
    inFlight.isWaiting = false;
    if (isOver) return undefined;
    if (inFlight.isPostponed) return 'postponed';
    this.#settings.settlement.report.released(inFlight, why);
    return 'settled';
  }

  /** Waits for the rest of a delay that the end of a delivery, or something more urgent, has interrupted; `undefined` when the attempt is due. */
  awaitDue(inFlight: InFlightMessage, notBefore: number): Promise<SlotEnd | undefined> {
    return this.#wait(inFlight, Math.max(0, notBefore - this.#timers.now()), this.#settings.redelivery(receivedFrom(inFlight.message)));
  }

  async #retry(
    inFlight: InFlightMessage,
    attempt: number,
    policy: ResolvedRedeliveryPolicy,
    delay: number,
    error: unknown,
  ): Promise<SlotEnd | undefined> {
    const { settlement } = this.#settings;
    const { maximumRedeliveries } = policy;
    // A rejection would destroy what is a dead letter already.
    const mode = policy.mode === 'broker' && settlement.holdsDeadLetter(inFlight) ? 'local' : policy.mode;
    if (mode === 'broker') {
      return this.#deadLettering.rejectForRedelivery(inFlight, () =>
        settlement.report.retrying(inFlight, attempt, maximumRedeliveries, undefined, error),
      );
    }
    if (expiresWithin(inFlight.message, delay)) return this.#deadLettering.giveUp(inFlight, { ...EXPIRED, error });
    settlement.report.retrying(inFlight, attempt, maximumRedeliveries, delay, error);
    if (mode === 'scheduled' && (await this.schedule(inFlight, delay, attempt))) return 'settled';
    this.#settings.memory.delayed(inFlight.key, this.#timers.now() + delay);
    return this.#wait(inFlight, delay, policy);
  }

  async #wait(inFlight: InFlightMessage, delay: number, { nonBlockingRedelivery }: ResolvedRedeliveryPolicy): Promise<SlotEnd | undefined> {
    if (!nonBlockingRedelivery) return this.hold(inFlight, delay, NOT_DUE);
    // It is still in its slot, from where it is taken up again.
    if (inFlight.isPostponed) return 'postponed';
    void this.#later(inFlight, delay);
    return 'waiting';
  }

  /** Another attempt after the delay, outside of the slot. */
  async #later(inFlight: InFlightMessage, delay: number): Promise<void> {
    const { onRecover, onSettledLate } = this.#settings;
    if ((await this.hold(inFlight, delay, NOT_DUE)) === 'settled') onSettledLate(inFlight);
    else onRecover(inFlight);
  }
}

const NOT_DUE = 'its next attempt was not due yet';
