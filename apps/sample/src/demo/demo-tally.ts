import { EventEmitter } from 'node:events';

import type { DemoCounts } from './demo-protocol.js';

/** What a run counts message by message; the rest is known elsewhere. */
export type MessageCounts = Pick<DemoCounts, 'sent' | 'confirmed' | 'consumed' | 'unique' | 'duplicates' | 'lost'>;

/** Remembers of each number whether it was confirmed and handled: one byte each. Emits `change`. */
export class DemoTally extends EventEmitter<{ change: [] }> {
  readonly #confirmed: Uint8Array;
  readonly #handled: Uint8Array;
  #sentCount = 0;
  #confirmedCount = 0;
  #consumed = 0;
  #unique = 0;
  #missing = 0;

  /** @param messages numbers run from 1 to this */
  constructor(messages: number) {
    super();
    this.#confirmed = new Uint8Array(messages + 1);
    this.#handled = new Uint8Array(messages + 1);
  }

  /** The counts so far; `lost` is what is confirmed and still to be handled. */
  get counts(): MessageCounts {
    return {
      sent: this.#sentCount,
      confirmed: this.#confirmedCount,
      consumed: this.#consumed,
      unique: this.#unique,
      duplicates: this.#consumed - this.#unique,
      lost: this.#missing,
    };
  }

  /** A send begins. */
  sending(): void {
    this.#sentCount++;
    this.emit('change');
  }

  /** A send resolved; the message may have been handled before. */
  confirmed(number: number): void {
    this.#confirmed[number] = 1;
    this.#confirmedCount++;
    if (this.#handled[number] === 0) this.#missing++;
    this.emit('change');
  }

  /** A handler ran. */
  handled(number: number): void {
    if (number >= this.#handled.length) throw new RangeError(`Message ${number} was handled, but never sent in this run`);
    this.#consumed++;
    if (this.#handled[number] === 0) {
      this.#unique++;
      if (this.#confirmed[number] === 1) this.#missing--;
    }
    this.#handled[number] = 1;
    this.emit('change');
  }
}
