import { v4 as uuidv4 } from 'uuid';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { MessageClaim } from '../connection/message-claim.js';
import { toErrorText } from '../errors/error-text.js';
import { ActiveMqError, ConnectError, ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import { both, withIds } from '../message/selector-text.js';
import type { StompFrame } from '../stomp/frame.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeadLetterAction } from './dead-letter-action.js';
import type { DeadLetterRunOptions, DeadLetterSelection } from './dead-letter-options.js';
import type { DeadLetterQueueView } from './dead-letter-queue-view.js';
import { type DeadLetterReport, type DeadLetterRunStop, DeadLetterTally } from './dead-letter-report.js';
import { Pace } from './pace.js';
import { exceptFor } from './selectors.js';

/** Dead letters that the broker hands over ahead: they may be large. */
const WINDOW = 4;
/** Ids looked up at a time. */
const MAX_IDS = 200;
/** Characters of a selector with ids; ActiveMQ ends a connection over a header line above 10 KiB. */
const LONGEST_ID_LIST = 6_000;
/** Connections that may be lost, or brokers silent, one after the other without a dead letter settled in between. */
const MAX_LOSSES = 3;
/** The same, when nothing else is left to do than to look for the dead letter over which they were lost. */
const MAX_LOOKS = 2 * MAX_LOSSES;

/** What one run needs. */
export interface DeadLetterRunContext {
  readonly connection: ActiveMqConnection;
  readonly view: DeadLetterQueueView;
  readonly action: DeadLetterAction;
  readonly selection: DeadLetterSelection;
  readonly options: DeadLetterRunOptions;
  /** Names the run, on the copies it makes. */
  readonly id: string;
}

/** Names a run. */
export function newRunId(): string {
  return uuidv4();
}

/**
 * Does something with dead letters, one after the other, each settled by itself: whoever dies in the middle, every one of them is in exactly one
 * place, and the next run goes on with the rest.
 */
export class DeadLetterRun {
  readonly #context: DeadLetterRunContext;
  readonly #tally = new DeadLetterTally();
  readonly #pace: Pace;
  readonly #signal: AbortSignal;
  /** Ids that are not tried again. */
  readonly #over = new Set<string>();
  /** What was under way when the connection was lost. */
  #inDoubt: DeadLetter | undefined;
  #losses = 0;
  #isTruncated = false;

  constructor(context: DeadLetterRunContext) {
    this.#context = context;
    this.#pace = new Pace(context.options.throttle);
    this.#signal = context.options.signal ?? new AbortController().signal;
  }

  /**
   * Runs to the end, through failovers.
   *
   * @throws what ends it before the first dead letter, or is no error of ours; else the report tells
   */
  async run(): Promise<DeadLetterReport> {
    const { selection, options } = this.#context;
    const isDryRun = options.dryRun === true;
    let stopped: DeadLetterRunStop | undefined;
    let error: ActiveMqError | undefined;
    try {
      stopped = await (isDryRun ? this.#look() : this.#throughFailovers());
    } catch (thrown) {
      if (this.#inDoubt) this.#tally.unknown(this.#inDoubt.messageId);
      if (this.#signal.aborted && thrown === this.#signal.reason) stopped = 'aborted';
      else if (thrown instanceof ActiveMqError && !this.#tally.isEmpty) [stopped, error] = ['error', thrown];
      else throw thrown;
    }
    const isTruncated = stopped === undefined && (selection.all !== true || isDryRun) && this.#isTruncated;
    if (stopped === undefined && !isTruncated) this.#tally.noneLeft();
    return this.#tally.report({ isDryRun, stopped, error, isTruncated });
  }

  /** Says what would be done. */
  async #look(): Promise<DeadLetterRunStop | undefined> {
    const { view, action, selection } = this.#context;
    await this.#reach();
    for await (const { deadLetter, message } of view.browse(selection, this.#signal, this.#also)) {
      const stop = this.#stop();
      if (stop === 'limit' || stop === 'aborted') return stop;
      const refusal = action.refusal(message);
      if (refusal === undefined) this.#tally.done(deadLetter.messageId);
      else this.#tally.failed(deadLetter.messageId, refusal);
      this.#report(deadLetter);
    }
    if (selection.messageId !== undefined && this.#tally.total === 0) this.#tally.gone(1);
    return undefined;
  }

  async #throughFailovers(): Promise<DeadLetterRunStop | undefined> {
    for (;;) {
      try {
        await this.#settleDoubt();
        return await (this.#context.selection.all === true ? this.#sweep() : this.#chosen());
      } catch (error) {
        // While there is no broker it is waited for, as a claim does it.
        if (error instanceof ConnectError && this.#context.connection.state !== 'failed') continue;
        if (!isLoss(error) || ++this.#losses >= (this.#inDoubt ? MAX_LOOKS : MAX_LOSSES)) throw error;
      }
    }
  }

  /** Every dead letter, from the head of the queue on: what is settled makes room for the broker to see further. */
  async #sweep(): Promise<DeadLetterRunStop | undefined> {
    for (;;) {
      const end = await this.#withClaim(exceptFor(this.#tally.failedIds, this.#context.id), async (claim) => {
        for (;;) {
          const stop = await this.#turn();
          if (stop) return stop;
          const frame = await claim.next();
          if (!frame) return 'end';
          // The acknowledgement of the next one would be this one's, too.
          if (!(await this.#settle(claim, frame))) return undefined;
        }
      });
      if (end) return end === 'end' ? undefined : end;
    }
  }

  /** The dead letters that a browse chooses, a list of ids at a time. */
  async #chosen(): Promise<DeadLetterRunStop | undefined> {
    for (let isFirst = true; ; isFirst = false) {
      const ids = await this.#nextIds();
      if (ids.length === 0) {
        if (isFirst && this.#context.selection.messageId !== undefined && this.#tally.total === 0) this.#tally.gone(1);
        return undefined;
      }
      const left = [...ids];
      const end = await this.#withClaim(withIds([...new Set(ids)]), async (claim) => {
        while (left.length > 0) {
          const stop = await this.#turn();
          if (stop) return stop;
          const frame = await claim.next();
          if (!frame) return 'not served';
          const place = left.indexOf(frame.headers['message-id'] ?? '');
          if (place !== -1) left.splice(place, 1);
          if (!(await this.#settle(claim, frame))) return undefined;
        }
        return undefined;
      });
      if (end === 'not served') await this.#countNotServed(left);
      else if (end) return end;
    }
  }

  /** What a browser still shows is in flight to another consumer. */
  async #countNotServed(ids: readonly string[]): Promise<void> {
    const { connection, view } = this.#context;
    let held = 0;
    for await (const _ of connection.browse(view.destination, { selector: withIds([...new Set(ids)]), signal: this.#signal })) held++;
    this.#tally.held(Math.min(held, ids.length));
    this.#tally.gone(Math.max(0, ids.length - held));
    for (const id of ids) this.#over.add(id);
  }

  /** Those that the broker shows, after as much of the queue as fits was taken into its memory when it seems to show none. */
  async #nextIds(): Promise<readonly string[]> {
    const ids = await this.#shownIds();
    if (ids.length > 0) return ids;
    await this.#reach();
    return this.#shownIds();
  }

  async #reach(): Promise<void> {
    const { isTruncated } = await this.#context.view.reach(this.#signal);
    this.#isTruncated = isTruncated;
  }

  async #shownIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    let length = 0;
    for await (const { deadLetter, message } of this.#context.view.browse(this.#context.selection, this.#signal, this.#also)) {
      const id = message.messageId;
      if (this.#over.has(deadLetter.messageId)) continue;
      length += id.length + 10;
      if (ids.length > 0 && (ids.length >= MAX_IDS || length > LONGEST_ID_LIST)) break;
      ids.push(id);
    }
    return ids;
  }

  /** Chooses the one that is meant by its id, and no copy that came back dead while this run goes on: that is for the next one. */
  get #also(): string {
    const { selection, id } = this.#context;
    return both(exceptFor([], id), selection.messageId === undefined ? undefined : withIds([selection.messageId]));
  }

  async #withClaim<T>(selector: string, work: (claim: MessageClaim) => Promise<T>): Promise<T> {
    const { connection, view, options } = this.#context;
    const left = (options.limit ?? Infinity) - this.#tally.total;
    const claim = await connection.claim(view.destination, { selector, window: Math.max(1, Math.min(WINDOW, left)) }, this.#signal);
    try {
      return await work(claim);
    } finally {
      await claim.end();
    }
  }

  /** Whether the dead letter is settled; false when it stays. */
  async #settle(claim: MessageClaim, frame: StompFrame): Promise<boolean> {
    const { view, action } = this.#context;
    const message = view.toMessage(frame);
    const deadLetter = view.read(message);
    const refusal = action.refusal(message);
    let failure = refusal;
    if (refusal === undefined) {
      this.#inDoubt = deadLetter;
      try {
        await action.apply(claim, frame, message);
      } catch (error) {
        // Without an answer nobody knows yet: it is looked for, on the next session, or behind the end of this claim.
        if (!claim.isOpen) throw await claim.lost();
        if (action.mayBeDone(error)) throw error;
        failure = toErrorText(error);
      }
      this.#inDoubt = undefined;
    }
    this.#settled(deadLetter, failure);
    return failure === undefined;
  }

  #settled(deadLetter: DeadLetter, failure: string | undefined): void {
    this.#losses = 0;
    if (failure === undefined) this.#tally.done(deadLetter.messageId);
    else {
      this.#tally.failed(deadLetter.messageId, failure);
      this.#over.add(deadLetter.messageId);
    }
    this.#report(deadLetter);
  }

  /** Whether what was under way when the connection was lost has happened shows in the queue: it has when the dead letter is not there. */
  async #settleDoubt(): Promise<void> {
    const deadLetter = this.#inDoubt;
    if (!deadLetter) return;
    const isThere = await this.#context.view.holds(deadLetter.messageId, this.#signal);
    this.#inDoubt = undefined;
    if (isThere === undefined) this.#tally.unknown(deadLetter.messageId);
    else if (!isThere) this.#settled(deadLetter, undefined);
    else if (this.#losses >= MAX_LOSSES) {
      this.#settled(deadLetter, `the connection was lost over it ${MAX_LOSSES} times`);
    }
  }

  async #turn(): Promise<DeadLetterRunStop | undefined> {
    const stop = this.#stop();
    if (stop) return stop;
    await this.#pace.turn(this.#signal);
    return this.#signal.aborted ? 'aborted' : undefined;
  }

  #stop(): DeadLetterRunStop | undefined {
    if (this.#signal.aborted) return 'aborted';
    if (this.#tally.total >= (this.#context.options.limit ?? Infinity)) return 'limit';
    return this.#tally.hasTooManyFailures ? 'failures' : undefined;
  }

  #report(deadLetter: DeadLetter): void {
    this.#context.options.onProgress?.({ ...this.#tally.counts, deadLetter });
  }
}

/** Whether the next session may do better. */
function isLoss(error: unknown): boolean {
  return error instanceof ReceiptTimeoutError || (error instanceof ConnectionClosedError && error.retryable);
}
