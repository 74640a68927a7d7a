import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import type { ManualClock } from '../embedded/broker/manual-clock.js';
import { withinSomeTurns } from './event-loop.js';
import type { OutcomePredicate } from './matches.js';
import type { WatchedTimers } from './watched-timers.js';

/** What moves, and what tells how far. */
export interface SkippedDelaysContext {
  readonly clock: ManualClock;
  readonly timers: WatchedTimers;
  /** Calls back for each outcome; the returned function ends that. */
  readonly observe: (observer: (outcome: DeliveryOutcome) => void) => () => void;
  /** ms until a broker's scheduler brings the message of that key; `undefined` when none has it. */
  readonly scheduledIn: (idempotencyKey: string) => number | undefined;
  /** Whether a handler runs, so that what is waited for may come by itself. */
  readonly isBusy: () => boolean;
}

/** Moves the clock through what the messages of a test wait for. */
export class SkippedDelays {
  readonly #context: SkippedDelaysContext;
  readonly #matches: OutcomePredicate;
  readonly #ends: (() => void)[];
  #isOver = false;

  /** @param matches the messages whose redelivery delays are skipped; a batch that is not complete waits for all of its messages */
  constructor(matches: OutcomePredicate, context: SkippedDelaysContext) {
    this.#matches = matches;
    this.#context = context;
    this.#ends = [context.observe((outcome) => this.#onOutcome(outcome)), context.timers.observe(() => void this.skipWait())];
  }

  /** Skips what is waited for besides redeliveries, when nothing else happens. */
  async skipWait(): Promise<void> {
    const { clock, timers, isBusy } = this.#context;
    await withinSomeTurns(() => this.#isOver || timers.next === undefined);
    const due = timers.next;
    if (due !== undefined && !this.#isOver && !isBusy()) clock.advance(due);
  }

  end(): void {
    this.#isOver = true;
    for (const end of this.#ends) end();
  }

  #onOutcome(outcome: DeliveryOutcome): void {
    if (outcome.kind === 'retrying' && this.#matches(outcome)) void this.#skipDelay(outcome);
    void this.skipWait();
  }

  /** The delay begins when its outcome has been told: here, or in the broker's scheduler as soon as that has the message. */
  async #skipDelay({ message, delay = 0 }: DeliveryOutcome): Promise<void> {
    const { clock, scheduledIn } = this.#context;
    const key = message.idempotencyKey ?? '';
    await withinSomeTurns(() => scheduledIn(key) !== undefined);
    if (!this.#isOver) clock.advance(scheduledIn(key) ?? delay);
  }
}
