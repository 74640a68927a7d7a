import { BatchLane, type BatchLaneSettings } from './batch-lane.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { InFlightMessage } from './in-flight-message.js';
import type { WaitingMessages } from './waiting-messages.js';

/** Decides which of the messages that wait may start. */
export interface Admission {
  /** Takes from `waiting` what may start now; none when nothing may. */
  admit(waiting: WaitingMessages, running: number): readonly InFlightMessage[];
  /** A message has left its slot. */
  left(inFlight: InFlightMessage): void;
  /** Changes how many may run at the same time. */
  resize(concurrency: number): void;
}

/** One message for each slot. */
export class SingleAdmission implements Admission {
  #concurrency: number;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  admit(waiting: WaitingMessages, running: number): readonly InFlightMessage[] {
    const next = running < this.#concurrency ? waiting.take() : undefined;
    return next ? [next] : [];
  }

  left(): void {
    // What runs is counted by the slots.
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency;
  }
}

/** What a {@link BatchAdmission} works with. */
export interface BatchAdmissionSettings extends BatchLaneSettings {
  readonly size: number;
  /** Batches that run at the same time. */
  readonly concurrency: number;
  /** An incomplete batch may start now. */
  readonly onDue: () => void;
}

/** A batch for each slot: `size` messages, or what has come `timeout` ms after the first one. A slot is free when all of its messages have left it. */
export class BatchAdmission implements Admission {
  readonly #settings: BatchAdmissionSettings;
  readonly #lanes = new Map<JmsMessage, BatchLane>();
  #concurrency: number;
  #occupied = 0;
  #timer: unknown;
  #isDue = false;

  constructor(settings: BatchAdmissionSettings) {
    this.#settings = settings;
    this.#concurrency = settings.concurrency;
  }

  admit(waiting: WaitingMessages): readonly InFlightMessage[] {
    const { size } = this.#settings;
    if (waiting.size === 0) this.#disarm();
    else if (waiting.size < size) this.#arm();
    if (waiting.size === 0 || this.#occupied >= this.#concurrency || (waiting.size < size && !this.#isDue)) return [];
    this.#disarm();
    const batch = waiting.takeTogether(size);
    const messages = batch.map(({ message }) => message);
    const lane = new BatchLane(messages, this.#settings);
    for (const message of messages) this.#lanes.set(message, lane);
    this.#occupied++;
    return batch;
  }

  /** The handler of one message of a batch. */
  handle(message: JmsMessage): Promise<unknown> {
    const lane = this.#lanes.get(message);
    return lane ? lane.handle(message) : Promise.reject(new Error('The message is in no batch'));
  }

  left({ message }: InFlightMessage): void {
    const lane = this.#lanes.get(message);
    this.#lanes.delete(message);
    lane?.left(message);
    if (lane?.isEmpty) this.#occupied--;
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency;
  }

  #arm(): void {
    const { timers, timeout, onDue } = this.#settings;
    if (this.#isDue) return;
    this.#timer ??= timers.setTimeout(() => {
      this.#timer = undefined;
      this.#isDue = true;
      onDue();
    }, timeout);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#settings.timers.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
  }
}
