import { MESSAGE_HEADERS } from '../message/message-headers.js';
import type { InFlightMessage } from './in-flight-message.js';

/** A message group of which a message is being handled, or more than one wait. */
interface Group {
  /** Whose turn it is: in a slot, undecided, or about to be handled again. */
  holder: InFlightMessage | undefined;
  /** Met while it was another one's turn, in their order. */
  parked: InFlightMessage[];
}

/**
 * The messages that wait for a slot, in the order in which they came; those of one message group one after the other, while others pass them.
 *
 * A group has its next turn when the message before is settled: not while that waits for another attempt in its slot, or for a manual decision.
 * One that waits outside of its slot, by `nonBlockingRedelivery`, lets the others of its group pass. ActiveMQ does not tell the group of a message:
 * it is known by the header `groupId`, which this package's senders set beside `JMSXGroupID`. Of other producers, such as Java's, only
 * `concurrency: 1` keeps the order of a group.
 */
export class WaitingMessages {
  #line: InFlightMessage[] = [];
  readonly #groups = new Map<string, Group>();
  /** Groups whose next message may start; they came before everything in the line. */
  #ready: Group[] = [];
  #parked = 0;
  readonly #keepsGroups: boolean;

  /** @param keepsGroups false for messages that are handled in batches, where those of a group stand in their order */
  constructor(keepsGroups: boolean) {
    this.#keepsGroups = keepsGroups;
  }

  /** How many wait. */
  get size(): number {
    return this.#line.length + this.#parked;
  }

  /** Whether a message of that key waits. */
  has(key: string): boolean {
    return this.#all().some((waiting) => waiting.key === key);
  }

  /** Adds one that has come. */
  add(inFlight: InFlightMessage): void {
    this.#line.push(inFlight);
  }

  /** Puts one that was handled before everything that came after it, or before those of its group while another one has its turn. */
  addAgain(inFlight: InFlightMessage): void {
    const group = this.#groupOf(inFlight);
    if (group?.holder && group.holder !== inFlight) {
      this.#park(group, inFlight, true);
      return;
    }
    if (group) group.holder = inFlight;
    insert(this.#line, inFlight);
  }

  /** Takes the next one that may start; `undefined` when there is none. */
  take(): InFlightMessage | undefined {
    for (let group = this.#ready.shift(); group; group = this.#ready.shift()) {
      if (group.holder || group.parked.length === 0) continue;
      this.#parked--;
      return (group.holder = group.parked.shift());
    }
    let met = 0;
    let found: InFlightMessage | undefined;
    for (; met < this.#line.length && !found; met++) {
      const inFlight = this.#line[met]!;
      const group = this.#groupOf(inFlight);
      if (!group || group.holder === inFlight) found = inFlight;
      else if (group.holder || group.parked.length > 0) this.#park(group, inFlight);
      else found = group.holder = inFlight;
    }
    this.#line.splice(0, met);
    return found;
  }

  /** Takes so many from the front, whatever their group: they are handled together. */
  takeTogether(count: number): readonly InFlightMessage[] {
    return this.#line.splice(0, count);
  }

  /** A message is settled, waits outside of its slot, or is the broker's again: the next one of its group may start. */
  release(inFlight: InFlightMessage): void {
    const id = groupIdOf(inFlight);
    const group = id === undefined ? undefined : this.#groups.get(id);
    if (id === undefined || group?.holder !== inFlight) return;
    group.holder = undefined;
    if (group.parked.length > 0) this.#ready.push(group);
    else this.#groups.delete(id);
  }

  /** Drops what the broker has taken back. */
  dropVoid(): void {
    const dropped = this.#all().filter(({ delivery }) => !delivery.isCurrent);
    this.#line = this.#line.filter(({ delivery }) => delivery.isCurrent);
    for (const group of this.#groups.values()) group.parked = group.parked.filter(({ delivery }) => delivery.isCurrent);
    this.#parked = [...this.#groups.values()].reduce((sum, { parked }) => sum + parked.length, 0);
    for (const inFlight of dropped) this.release(inFlight);
    for (const [id, { holder, parked }] of this.#groups) if (!holder && parked.length === 0) this.#groups.delete(id);
  }

  #all(): readonly InFlightMessage[] {
    return this.#parked === 0 ? this.#line : [...this.#line, ...[...this.#groups.values()].flatMap(({ parked }) => parked)];
  }

  #park(group: Group, inFlight: InFlightMessage, isFirst = false): void {
    if (isFirst) insert(group.parked, inFlight);
    else group.parked.push(inFlight);
    this.#parked++;
  }

  #groupOf(inFlight: InFlightMessage): Group | undefined {
    const id = groupIdOf(inFlight);
    if (id === undefined || !this.#keepsGroups) return undefined;
    const group = this.#groups.get(id) ?? { holder: undefined, parked: [] };
    this.#groups.set(id, group);
    return group;
  }
}

/** Before those that came after it. */
function insert(line: InFlightMessage[], inFlight: InFlightMessage): void {
  const next = line.findIndex(({ order }) => order >= inFlight.order);
  line.splice(next === -1 ? line.length : next, 0, inFlight);
}

function groupIdOf({ message }: InFlightMessage): string | undefined {
  return message.headers[MESSAGE_HEADERS.groupId] || undefined;
}
