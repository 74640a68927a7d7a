import type { DeliveryMemory, FailureRecord, Verdict } from './delivery-memory.js';
import type { DeliveryTimers } from './delivery-timers.js';
import type { InFlightMessage } from './in-flight-message.js';
import { pause } from './pause.js';
import { attemptsBefore } from './received-message.js';
import type { DeadLetterEnd, Settlement } from './settlement.js';
import type { SlotEnd } from './slot-end.js';

/** ms until a broker that refused a dead letter is told anew. */
const SETTLEMENT_RETRY_DELAY = 5_000;

/** After these there is nothing left to tell the broker. */
const ENDS: ReadonlySet<DeadLetterEnd> = new Set(['replaced', 'rejected', 'discarded']);

/** Has the broker take messages that are not handled any more here, and tells it until it has heard it. */
export class DeadLettering {
  readonly #memory: DeliveryMemory;
  readonly #settlement: Settlement;
  readonly #timers: DeliveryTimers;

  constructor(memory: DeliveryMemory, settlement: Settlement, timers: DeliveryTimers) {
    this.#memory = memory;
    this.#settlement = settlement;
    this.#timers = timers;
  }

  /** Decides that the message is not going to be handled, and dead-letters it. */
  giveUp(inFlight: InFlightMessage, verdict: Verdict): Promise<SlotEnd> {
    this.#memory.condemn(inFlight.key, verdict);
    return this.deadLetter(inFlight, verdict);
  }

  /** Dead-letters a message of which that was decided before. */
  deadLetter(inFlight: InFlightMessage, verdict: Verdict): Promise<SlotEnd> {
    return this.#persist(inFlight, 'the broker did not take its dead letter', async () => {
      const record = this.#memory.failuresOf(inFlight.key);
      const end = await this.#settlement.deadLetter(inFlight, attemptsAt(inFlight, record, verdict), record, verdict);
      // A message that somebody moves back by hand keeps the id when the broker dead-lettered it: it is a new one then.
      if (end === 'rejected' || end === 'kept') this.#memory.rejected(inFlight.key);
      // Should it come again, because its acknowledgement got lost or the broker has a copy of it, it is not handled anew.
      if (end === 'discarded' || end === 'replaced') this.#memory.handled(inFlight.key, inFlight.delivery.subscription);
      if (end === 'lost') this.#memory.deadLetterLost(inFlight.key);
      return end;
    });
  }

  /** Has the broker's `redeliveryPlugin` bring the message back. */
  rejectForRedelivery(inFlight: InFlightMessage, onRejected: () => void): Promise<SlotEnd> {
    return this.#persist(inFlight, 'the broker did not take its rejection', async () => {
      const end = await this.#settlement.rejectForRedelivery(inFlight);
      if (end === 'rejected') onRejected();
      return end;
    });
  }

  /** Whether the broker has dead-lettered the message, although it died before it said so; then it is settled. */
  async wasRejected(inFlight: InFlightMessage): Promise<boolean> {
    const { isRejectionLost, attempts } = this.#memory.failuresOf(inFlight.key);
    if (!isRejectionLost) return false;
    const wasMoved = await this.#settlement.findDeadLetter(inFlight, attemptsBefore(inFlight.message) + attempts);
    if (wasMoved === true) this.#memory.handled(inFlight.key, inFlight.delivery.subscription);
    if (wasMoved === false) this.#memory.rejectionUndone(inFlight.key);
    return wasMoved === true;
  }

  /** As long as the message is ours: it stands in its slot meanwhile, and is nowhere else. */
  async #persist(inFlight: InFlightMessage, why: string, tell: () => Promise<DeadLetterEnd>): Promise<SlotEnd> {
    for (;;) {
      const end = await tell();
      if (end === 'kept') return 'kept';
      if (ENDS.has(end)) return 'settled';
      if (end === 'rejection-lost') this.#memory.rejectionLost(inFlight.key);
      if (!inFlight.delivery.isCurrent) return 'settled';
      if (!(await pause(SETTLEMENT_RETRY_DELAY, inFlight.interrupted, this.#timers))) {
        if (inFlight.isPostponed) return 'postponed';
        this.#settlement.report.released(inFlight, why);
        return 'settled';
      }
      if (await this.wasRejected(inFlight)) return 'settled';
    }
  }
}

/** What was rejected was tried without failing; what never got to its handler was not tried. */
function attemptsAt({ message }: InFlightMessage, { attempts }: FailureRecord, { isAttempted, attempts: known }: Verdict): number {
  if (known !== undefined) return known;
  return isAttempted ? Math.max(attemptsBefore(message) + attempts, message.deliveryCount) : attemptsBefore(message) + attempts;
}
