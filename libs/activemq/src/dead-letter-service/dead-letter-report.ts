import type { ActiveMqError } from '../errors/index.js';
import type { DeadLetter } from './dead-letter.js';

/** Counts of a run so far. */
export interface DeadLetterCounts {
  /** Sent back, or deleted; in a dry run those that would be. */
  readonly done: number;
  /** Not there any more when their turn came. */
  readonly gone: number;
  /** Still there, but handed to another consumer that has not settled them. */
  readonly held: number;
  /** Left where they are, because they could not be dealt with. */
  readonly failed: number;
  /** Sent back or deleted, or still where they are: the broker did not live to say, and does not show enough of the queue to tell. */
  readonly unknown: number;
}

/** How far a run is. */
export interface DeadLetterProgress extends DeadLetterCounts {
  /** The dead letter it was about. */
  readonly deadLetter: DeadLetter;
}

/** A dead letter that stays where it is, and why. */
export interface DeadLetterFailure {
  readonly messageId: string;
  readonly reason: string;
}

/** Why a run ended before the last dead letter: the limit, too many failures (100), its signal, or the `error` of its report. */
export type DeadLetterRunStop = 'limit' | 'failures' | 'aborted' | 'error';

/** What a run has done. Calling it again goes on where it ended. */
export interface DeadLetterReport extends DeadLetterCounts {
  readonly isDryRun: boolean;
  /** The failures, 100 at most. */
  readonly failures: readonly DeadLetterFailure[];
  /** Why it ended early; `undefined` when it came to the end. */
  readonly stopped: DeadLetterRunStop | undefined;
  /** What ended it after the first dead letter, such as a connection that is closed; what ends it before that is thrown. */
  readonly error: ActiveMqError | undefined;
  /** Whether the broker may not have shown all dead letters that a selector or filter would have chosen: see `DeadLetterList.isTruncated`. */
  readonly isTruncated: boolean;
}

/** Failures after which a run gives up. */
const MAX_FAILURES = 100;

/** Counts a run. */
export class DeadLetterTally {
  #done = 0;
  #gone = 0;
  #held = 0;
  #failed = 0;
  readonly #failures: DeadLetterFailure[] = [];
  readonly #unknown = new Set<string>();

  get counts(): DeadLetterCounts {
    return { done: this.#done, gone: this.#gone, held: this.#held, failed: this.#failed, unknown: this.#unknown.size };
  }

  /** What the limit of a run counts. */
  get total(): number {
    return this.#done + this.#failed + this.#unknown.size;
  }

  /** Whether nothing was counted yet. */
  get isEmpty(): boolean {
    return this.total + this.#gone + this.#held === 0;
  }

  /** Ids of those that stay where they are. */
  get failedIds(): readonly string[] {
    return this.#failures.map(({ messageId }) => messageId);
  }

  get hasTooManyFailures(): boolean {
    return this.#failed >= MAX_FAILURES;
  }

  done(messageId: string): void {
    this.#unknown.delete(messageId);
    this.#done++;
  }

  unknown(messageId: string): void {
    this.#unknown.add(messageId);
  }

  /** Nothing of them was met up to the end of the queue: they are done. */
  noneLeft(): void {
    this.#done += this.#unknown.size;
    this.#unknown.clear();
  }

  gone(count: number): void {
    this.#gone += count;
  }

  held(count: number): void {
    this.#held += count;
  }

  failed(messageId: string, reason: string): void {
    this.#unknown.delete(messageId);
    this.#failed++;
    if (this.#failures.length < MAX_FAILURES) this.#failures.push({ messageId, reason });
  }

  /** The report at the end. */
  report(end: Pick<DeadLetterReport, 'isDryRun' | 'stopped' | 'error' | 'isTruncated'>): DeadLetterReport {
    return { ...this.counts, failures: [...this.#failures], ...end };
  }
}
