import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { CrashLoopGuard } from '../delivery/crash-loop-guard.js';
import type { SlotEnd } from '../delivery/slot-end.js';
import type { ListenerChannel } from './listener-channel.js';

/** What {@link GuardedStart} works with. */
export interface GuardedStartSettings {
  readonly listenerId: string;
  /** Where the listener listens, e.g. `queue://orders`. */
  readonly destination: string;
  readonly logger: ConnectionLogger;
  readonly guard: CrashLoopGuard | undefined;
  /** The channels that take messages, when the listener does. */
  readonly channels: () => readonly ListenerChannel[];
  /** Called when those that came back are through: every channel is to work as planned. */
  readonly onThrough: () => void;
}

/**
 * Starts the channels of a listener. Where the queue holds messages that came back repeatedly one goes first, alone, with one message at a time; see
 * {@link CrashLoopGuard}. Once in the life of a process: what kills it is met anew by the next one.
 */
export class GuardedStart {
  readonly #settings: GuardedStartSettings;
  #guard: CrashLoopGuard | undefined;
  #isAlone = false;

  constructor(settings: GuardedStartSettings) {
    this.#settings = settings;
    this.#guard = settings.guard;
  }

  /** Whether channels wait for the answer of the guard, or for one that goes first. */
  get holdsBack(): boolean {
    return this.#guard !== undefined;
  }

  /** Whether one channel handles messages alone, because one of those that came back may end this process. */
  get isAlone(): boolean {
    return this.#isAlone;
  }

  /** The channels that may be subscribed now. */
  get channels(): readonly ListenerChannel[] {
    const all = this.#settings.channels();
    return this.#isAlone ? all.slice(0, 1) : all;
  }

  /** Starts the channels, or the one that goes first. */
  start(): void {
    if (this.#guard) void this.#startWith(this.#guard);
    else this.#startAll();
  }

  /** A message has left its slot. */
  slotEnded(end: SlotEnd): void {
    if (!this.#isAlone || end === 'undecided') return;
    // What is kept, or waits outside of its slot, has the only place there is: nobody would come after it.
    if (end === 'kept' || end === 'waiting') this.#guard?.stop();
    if (this.#guard?.isOver === false) return;
    this.#end();
    this.#settings.onThrough();
  }

  /**
   * Ends what is being asked; from now on every channel starts at once.
   *
   * @returns whether one was alone, and is to work as planned again
   */
  stop(): boolean {
    const wasAlone = this.#isAlone;
    this.#guard?.stop();
    this.#end();
    return wasAlone;
  }

  async #startWith(guard: CrashLoopGuard): Promise<void> {
    const { listenerId, destination, logger } = this.#settings;
    const isCalledFor = await guard.isCalledFor();
    if (this.#guard !== guard) return;
    const [first] = this.channels;
    if (!isCalledFor || !first) {
      this.#guard = undefined;
      this.#startAll();
      return;
    }
    logger.warn(
      `Listener '${listenerId}': ${destination} holds messages that have ended several consumers; those that come back are handled one at a time`,
    );
    this.#isAlone = true;
    first.setPrefetch(1);
    first.start();
  }

  #startAll(): void {
    for (const channel of this.#settings.channels()) channel.start();
  }

  #end(): void {
    this.#guard = undefined;
    this.#isAlone = false;
  }
}
