import { EventEmitter } from 'node:events';

/** What became of messages. */
export interface MessageCounts {
  /** Sends the brokers have confirmed. */
  readonly confirmed: number;
  /** Different messages, by idempotency key, that a listener has handled. */
  readonly handled: number;
  /** Confirmed messages that no listener has handled. */
  readonly lost: number;
  /** Handler runs beyond the first of each message. */
  readonly duplicated: number;
}

interface Entry {
  readonly counts: { -readonly [Name in keyof MessageCounts]: number };
  isConfirmed: boolean;
  isHandled: boolean;
}

const NOTHING: MessageCounts = { confirmed: 0, handled: 0, lost: 0, duplicated: 0 };

/** Remembers each message by its idempotency key, and counts by the stage in which its send began. Emits `change`. */
export class Tally extends EventEmitter<{ change: [] }> {
  readonly #entries = new Map<string, Entry>();
  readonly #stages = new Map<string, Entry['counts']>();

  /** A send begins. */
  sending(key: string, stage: string): void {
    const counts = this.#stages.get(stage) ?? { ...NOTHING };
    this.#stages.set(stage, counts);
    this.#entries.set(key, { counts, isConfirmed: false, isHandled: false });
  }

  /** A send resolved; the message may have been handled before. */
  confirmed(key: string): void {
    const entry = this.#entry(key);
    entry.isConfirmed = true;
    entry.counts.confirmed++;
    if (!entry.isHandled) entry.counts.lost++;
    this.emit('change');
  }

  /** A handler ran. */
  handled(key: string): void {
    const entry = this.#entry(key);
    if (entry.isHandled) entry.counts.duplicated++;
    else {
      entry.counts.handled++;
      if (entry.isConfirmed) entry.counts.lost--;
    }
    entry.isHandled = true;
    this.emit('change');
  }

  /** The counts of some stages together, so far: a message that comes late still belongs to its stage. */
  countsOf(...stages: readonly string[]): MessageCounts {
    return stages
      .map((stage) => this.#stages.get(stage) ?? NOTHING)
      .reduce(
        (sum, counts) => ({
          confirmed: sum.confirmed + counts.confirmed,
          handled: sum.handled + counts.handled,
          lost: sum.lost + counts.lost,
          duplicated: sum.duplicated + counts.duplicated,
        }),
        NOTHING,
      );
  }

  /** Keys of the messages that are confirmed and not handled. */
  get missing(): readonly string[] {
    return [...this.#entries].filter(([, { isConfirmed, isHandled }]) => isConfirmed && !isHandled).map(([key]) => key);
  }

  #entry(key: string): Entry {
    const entry = this.#entries.get(key);
    if (!entry) throw new RangeError(`A message with the key '${key}' came, but was never sent in this run`);
    return entry;
  }
}
