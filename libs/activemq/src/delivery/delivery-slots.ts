import { type Admission, SingleAdmission } from './admission.js';
import type { IncomingDelivery } from '../connection/incoming-delivery.js';
import { deliveryKey, InFlightMessage } from './in-flight-message.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { SlotEnd } from './slot-end.js';
import { WaitingMessages } from './waiting-messages.js';

/** What {@link DeliverySlots} works with. */
export interface DeliverySlotsSettings {
  /** Messages handled at the same time, until {@link DeliverySlots.resize}. */
  readonly concurrency: number;
  /** Decides what may start; default one message for each slot. */
  readonly admission?: Admission;
  readonly toMessage: (delivery: IncomingDelivery) => JmsMessage;
  /**
   * Whether acknowledgements are cumulative; default false. Then a message that is delivered again is handled in its turn: settled while those
   * before it wait, it would settle them too.
   */
  readonly isCumulative?: boolean;
  /** Handles one message; tells how it left its slot. */
  readonly run: (inFlight: InFlightMessage) => Promise<SlotEnd>;
  /** Called when a message has left its slot, or was settled outside of it. */
  readonly onEnd?: (end: SlotEnd) => void;
  /** Called for an error that `run` should have dealt with. */
  readonly onUnexpectedError: (error: unknown, inFlight: InFlightMessage) => void;
}

/** Why slots start nothing new: the user paused them, they end, their subscription is renewed, their session is about to be left, or a gate cannot tell what may run. */
export type Suspension = 'paused' | 'draining' | 'renewing' | 'resting' | 'unavailable';

/** Hands deliveries to a bounded number of slots; what waits is bounded by the subscription's prefetch. */
export class DeliverySlots {
  readonly #settings: DeliverySlotsSettings;
  readonly #inFlight = new Map<string, InFlightMessage>();
  readonly #onIdle: (() => void)[] = [];
  /** With what resolves when it has left its slot. */
  readonly #running = new Map<InFlightMessage, Promise<void>>();
  /** What waits for its next attempt outside of a slot. */
  readonly #delayed = new Set<InFlightMessage>();
  /** Dead letters that failed: they stay unacknowledged. */
  readonly #kept = new Set<InFlightMessage>();
  /** Left to a manual decision, which is being carried out. */
  readonly #decided = new Set<InFlightMessage>();
  readonly #suspensions = new Set<Suspension>();
  readonly #admission: Admission;
  readonly #waiting: WaitingMessages;
  #order = 0;
  /** The newest connection that has delivered something. */
  #epoch = 0;

  constructor(settings: DeliverySlotsSettings) {
    this.#settings = settings;
    this.#admission = settings.admission ?? new SingleAdmission(settings.concurrency);
    // A batch has its messages in order; one after the other they would never fill it.
    this.#waiting = new WaitingMessages(settings.admission === undefined);
  }

  /** Changes the number of slots; what runs goes on, also beyond it. */
  resize(concurrency: number): void {
    this.#admission.resize(concurrency);
    this.fill();
  }

  /** Messages in a slot that do not just wait there for their next attempt. */
  get running(): number {
    return [...this.#running.keys()].filter(({ isWaiting }) => !isWaiting).length;
  }

  /** Messages whose handler has returned without a decision, in manual mode. */
  get undecided(): number {
    return this.#atRest().filter((inFlight) => !this.#kept.has(inFlight) && inFlight.delivery.isCurrent).length;
  }

  /** Dead letters that failed, and stay unacknowledged until the subscription ends. */
  get kept(): number {
    return [...this.#kept].filter(({ delivery }) => delivery.isCurrent).length;
  }

  /** Messages delivered and not settled. */
  get unsettled(): number {
    return this.#inFlight.size + this.#waiting.size;
  }

  /** Whether a delivery of that `deliveryKey` is not settled. */
  has(key: string): boolean {
    return this.#inFlight.has(key) || this.#waiting.has(key);
  }

  /**
   * Takes a delivery. One of a message that is still being handled joins it instead of being handled beside it; where acknowledgements are
   * cumulative it waits behind it, since messages may have come before this one that nobody has handled yet.
   */
  accept(delivery: IncomingDelivery): void {
    this.#epoch = Math.max(this.#epoch, delivery.epoch);
    const known = this.#inFlight.get(deliveryKey(delivery));
    // While the subscription that delivered it lives a message cannot come again: of the same key, it is another one.
    if (known && !known.delivery.isCurrent && !this.#settings.isCumulative) {
      known.rebind(delivery);
      if (this.#suspensions.has('draining')) known.interrupt();
      return;
    }
    this.#waiting.add(new InFlightMessage(delivery, this.#settings.toMessage(delivery), ++this.#order));
    this.fill();
  }

  /** A message left to a manual decision is decided: until that is carried out something runs, without a slot. */
  async settling(inFlight: InFlightMessage, work: Promise<SlotEnd | undefined>): Promise<void> {
    this.#decided.add(inFlight);
    const end = await work;
    // Decided at the very moment at which its handler returned, it leaves its slot first.
    await this.#running.get(inFlight);
    this.#decided.delete(inFlight);
    if (end === undefined) this.handleAgain(inFlight);
    else this.#end(inFlight, end);
    this.fill();
    this.#tellIfIdle();
  }

  /** Puts a message whose handler has returned in front of those that wait, for another attempt. */
  handleAgain(inFlight: InFlightMessage): void {
    this.#takeBack(inFlight);
    this.fill();
  }

  /** A message that waited outside of its slot is settled. */
  settled(inFlight: InFlightMessage): void {
    this.#end(inFlight, 'settled');
    this.fill();
  }

  /** The subscription has ended: what waits for a manual decision or is kept, and is returned, is the broker's, and new to us should it come again. */
  forgetUndecided(): readonly InFlightMessage[] {
    const undecided = this.#atRest();
    for (const inFlight of undecided) this.#drop(inFlight);
    return undecided;
  }

  /**
   * The broker takes back what a subscription has not settled: what waits of it is dropped, and nobody waits for another attempt of it.
   *
   * @returns what was undecided or kept and has not come back since an earlier connection was lost: somebody else has it, and it is forgotten
   */
  interrupt(): readonly InFlightMessage[] {
    this.#waiting.dropVoid();
    for (const inFlight of this.#inFlight.values()) if (!inFlight.delivery.isCurrent) inFlight.interrupt();
    const gone = this.#atRest().filter(({ delivery }) => !delivery.isCurrent && delivery.epoch < this.#epoch);
    for (const inFlight of gone) this.#drop(inFlight);
    return gone;
  }

  /** Starts nothing new and waits for no other attempt, also not of what is delivered again meanwhile, until it is resumed. */
  drain(): void {
    this.#suspensions.add('draining');
    for (const inFlight of this.#inFlight.values()) inFlight.interrupt();
  }

  /** Starts nothing new, until every reason for it is gone. */
  suspend(why: Suspension): void {
    this.#suspensions.add(why);
  }

  /** As {@link suspend}; what waits in a slot for its next attempt leaves it, and takes the rest of its wait up later. */
  postpone(why: Suspension): void {
    this.suspend(why);
    for (const inFlight of [...this.#running.keys(), ...this.#decided]) inFlight.postpone();
  }

  /** One reason not to start anything new is gone. */
  resume(why: Suspension): void {
    this.#suspensions.delete(why);
    this.fill();
  }

  /** Resolves when no slot is taken, and no manual decision is being carried out. */
  idle(): Promise<void> {
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Starts what may start now. */
  fill(): void {
    while (this.#suspensions.size === 0) {
      const next = this.#admission.admit(this.#waiting, this.#running.size);
      if (next.length === 0) return;
      for (const inFlight of next) this.#occupy(inFlight);
    }
  }

  #occupy(inFlight: InFlightMessage): void {
    if (this.#inFlight.has(inFlight.key)) inFlight.distinguish();
    inFlight.resumed();
    let onLeft!: () => void;
    this.#running.set(inFlight, new Promise((resolve) => (onLeft = resolve)));
    this.#inFlight.set(inFlight.key, inFlight);
    void this.#run(inFlight).then(onLeft);
  }

  async #run(inFlight: InFlightMessage): Promise<void> {
    try {
      const end = await this.#settings.run(inFlight);
      this.#running.delete(inFlight);
      this.#end(inFlight, end);
    } catch (error) {
      this.#running.delete(inFlight);
      this.#drop(inFlight);
      this.#settings.onUnexpectedError(error, inFlight);
    }
    this.#admission.left(inFlight);
    this.fill();
    this.#tellIfIdle();
  }

  #end(inFlight: InFlightMessage, end: SlotEnd): void {
    this.#leave(inFlight, end);
    this.#settings.onEnd?.(end);
  }

  get #isIdle(): boolean {
    return this.#running.size === 0 && this.#decided.size === 0;
  }

  #tellIfIdle(): void {
    if (this.#isIdle) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Those that nothing is done with: undecided or kept. */
  #atRest(): readonly InFlightMessage[] {
    const isBusy = (inFlight: InFlightMessage) => this.#running.has(inFlight) || this.#delayed.has(inFlight) || this.#decided.has(inFlight);
    return [...this.#inFlight.values()].filter((inFlight) => !isBusy(inFlight));
  }

  #leave(inFlight: InFlightMessage, end: SlotEnd): void {
    if (end === 'settled') this.#drop(inFlight);
    if (end === 'postponed') this.#takeBack(inFlight);
    // Forgotten meanwhile, it is the broker's.
    if (this.#inFlight.get(inFlight.key) !== inFlight) return;
    if (end === 'waiting') this.#delayed.add(inFlight);
    if (end === 'kept') this.#kept.add(inFlight);
    // It is not settled, and lets the others of its group pass.
    if (end === 'waiting' || end === 'kept') this.#waiting.release(inFlight);
  }

  /** In front of those that wait; a void one is new when it comes again. */
  #takeBack(inFlight: InFlightMessage): void {
    if (this.#forget(inFlight) && inFlight.delivery.isCurrent) this.#waiting.addAgain(inFlight);
    else this.#waiting.release(inFlight);
  }

  #drop(inFlight: InFlightMessage): void {
    this.#forget(inFlight);
    this.#waiting.release(inFlight);
  }

  /** Only itself: a later delivery may stand under the same key. */
  #forget(inFlight: InFlightMessage): boolean {
    this.#delayed.delete(inFlight);
    this.#kept.delete(inFlight);
    return this.#inFlight.get(inFlight.key) === inFlight && this.#inFlight.delete(inFlight.key);
  }
}
