import { causesOf } from '../errors/causes-of.js';
import { ConnectionClosedError, IllegalStateError, ReceiptTimeoutError } from '../errors/index.js';
import { unlessAborted } from '../stomp/abortable.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import type { Turn } from '../stomp/turn.js';
import { Deadline } from './deadline.js';
import { SendWindow } from './send-window.js';

/** How a transaction ended; `unknown`: the broker did not answer COMMIT, everything of it happened or nothing. */
export type TransactionOutcome = 'committed' | 'rolled-back' | 'unknown';

/** Messages, and bytes of their bodies, that wait for the broker's receipt at a time; further ones wait here. */
const WINDOW_MESSAGES = 256;
const WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * One STOMP transaction on one session: what is sent and acknowledged in it happens all or not at all.
 *
 * ActiveMQ commits the rest of a transaction in which a SEND was refused, so after any failure nothing but {@link rollback} is possible.
 *
 * ActiveMQ applies COMMIT and ABORT to what any transaction has acknowledged on the same connection: the one commits the acknowledgements of
 * another, the other one forgets them. So a transaction with acknowledgements takes its session's turn before the first one, or before its
 * COMMIT or ABORT, until that is written: what is written behind it cannot come before it.
 */
export class SessionTransaction {
  /** What it happens on. */
  readonly session: StompSession;
  readonly #id: string;
  readonly #window = new SendWindow(WINDOW_MESSAGES, WINDOW_BYTES);
  readonly #running = new Set<Promise<void>>();
  readonly #onEnd: ((outcome: TransactionOutcome) => void)[] = [];
  readonly #turn: Turn | undefined;
  #turnTaken: Promise<() => void> | undefined;
  #hasBegun = false;
  #hasLostSend = false;
  #isClosed = false;
  #failure: Error | undefined;
  #outcome: TransactionOutcome | undefined;

  /**
   * @param id names the transaction; no other one of the session may have it
   * @param turn the session's, when transactions acknowledge on it
   */
  constructor(session: StompSession, id: string, turn?: Turn) {
    this.session = session;
    this.#id = id;
    this.#turn = turn;
  }

  /** Whether nothing was done in it, nor is being done; an empty transaction never reaches the broker. */
  get isEmpty(): boolean {
    return !this.#hasBegun && this.#running.size === 0;
  }

  /** Whether its connection was lost while the broker had a message of it and had not answered: the message may be what ended it. */
  get hasLostSend(): boolean {
    return this.#hasLostSend;
  }

  /** Whether it can still be used: not ended, its session open, nothing refused. */
  get isUsable(): boolean {
    return !this.#isClosed && this.#failure === undefined && this.session.isOpen;
  }

  /** Why it can only be rolled back; `undefined` when nothing has failed. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** How it ended; `undefined` while it has not. */
  get outcome(): TransactionOutcome | undefined {
    return this.#outcome;
  }

  /** Calls `listener` when it has ended, or at once when it has; it must not throw. Mirrors Spring's `TransactionSynchronization.afterCompletion`. */
  onEnd(listener: (outcome: TransactionOutcome) => void): void {
    if (this.#outcome) listener(this.#outcome);
    else this.#onEnd.push(listener);
  }

  /** From here on it can only be rolled back, and {@link commit} throws `reason`. Mirrors Spring's `setRollbackOnly`. */
  setRollbackOnly(reason: Error): void {
    this.#failure ??= reason;
  }

  /**
   * Adds a message; resolves when the broker has taken it, which is not yet when it is stored. COMMIT waits for it, awaited or not.
   *
   * @param ready what has to be true before it is written
   * @throws IllegalStateError when it has ended
   * @throws what the session throws, or `ready`; the transaction can only be rolled back then
   */
  send(headers: OutgoingHeaders, body: Buffer, timeout?: number, ready?: Promise<void>): Promise<void> {
    return this.#step(async () => {
      const place = this.#window.enter(body.length, () => undefined);
      if (place) await place;
      try {
        if (ready) await ready;
        await this.#write('SEND', headers, body, timeout);
      } catch (error) {
        // Before the next one takes the place.
        this.#failure ??= error as Error;
        throw error;
      } finally {
        this.#window.leave(body.length);
      }
    });
  }

  /**
   * Adds the acknowledgement of a delivery, by the `ack` header of its MESSAGE frame.
   *
   * @param assertCurrent asked when its turn has come: throws when the broker would ignore the acknowledgement
   * @throws what the session throws, or `assertCurrent`; the transaction can only be rolled back then
   */
  acknowledge(ackId: string | undefined, assertCurrent: () => void = () => undefined): Promise<void> {
    return this.#step(async () => {
      // A send may wait for room in a full queue: not while others wait for the turn.
      await Promise.allSettled(this.#running);
      await this.#takeTurn();
      assertCurrent();
      await this.#write('ACK', { id: ackId });
    });
  }

  /**
   * Makes everything happen; resolves when the broker has stored it.
   *
   * @param timeout ms for steps under way and the broker's answer; default the session's `receiptTimeout`, for the answer alone
   * @throws the first failure of a step, after a rollback: then nothing has happened; {@link outcome} is `rolled-back`
   * @throws what COMMIT failed with: then nobody knows what happened, and {@link outcome} is `unknown`
   */
  async commit(timeout?: number): Promise<void> {
    if (this.#isClosed) throw this.#endedError();
    this.#isClosed = true;
    const ms = timeout ?? 0;
    const deadline = new Deadline(
      ms,
      () => new ReceiptTimeoutError(`The steps of the transaction ${this.#id} did not end within ${ms} ms`, ms),
    );
    await this.#stepsEnded(deadline);
    if (!this.#failure && this.#hasBegun) await this.#takeTurn();
    if (!this.#failure && this.#hasBegun && !this.session.isOpen) this.#failure = await this.session.closed;
    if (this.#failure) {
      await this.#abort();
      throw this.#failure;
    }
    if (!this.#hasBegun) {
      this.#end('committed');
      return;
    }
    try {
      await this.#finish('COMMIT', timeout && deadline.left);
      this.#end('committed');
    } catch (error) {
      this.#endSessionWithout(error);
      this.#end('unknown');
      throw error;
    }
  }

  /** Undoes everything; what was acknowledged in it can be acknowledged again. It never throws: without a session nothing is left to undo. */
  async rollback(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What waits for its place is not to be written behind ABORT.
    this.#failure ??= this.#endedError();
    await this.#abort();
  }

  async #stepsEnded(deadline: Deadline): Promise<void> {
    const ended = Promise.allSettled(this.#running);
    try {
      await (deadline.signal ? unlessAborted(ended, deadline.signal) : ended);
    } catch (error) {
      this.#failure ??= error as Error;
    } finally {
      deadline.clear();
    }
  }

  async #abort(): Promise<void> {
    try {
      if (this.#hasBegun && this.session.isOpen) await this.#takeTurn();
      if (this.#hasBegun && this.session.isOpen) await this.#finish('ABORT');
    } catch (error) {
      this.#endSessionWithout(error);
    } finally {
      this.#end('rolled-back');
    }
  }

  /** Without an answer the transaction may be open, and hold its messages: the end of the session is its end too. */
  #endSessionWithout(error: unknown): void {
    if (error instanceof ReceiptTimeoutError) this.session.destroy(error);
  }

  #end(outcome: TransactionOutcome): void {
    this.#outcome = outcome;
    this.#giveTurnBack();
    for (const listener of this.#onEnd.splice(0)) listener(outcome);
  }

  async #finish(command: 'COMMIT' | 'ABORT', timeout?: number): Promise<void> {
    const answered = this.session.request(command, { transaction: this.#id }, undefined, timeout);
    this.#giveTurnBack();
    await answered;
  }

  async #takeTurn(): Promise<void> {
    this.#turnTaken ??= this.#turn?.take();
    await this.#turnTaken;
  }

  #giveTurnBack(): void {
    void this.#turnTaken?.then((giveBack) => giveBack());
  }

  #step(work: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return Promise.reject(this.#endedError());
    if (this.#failure) return Promise.reject(this.#failure);
    const step = work();
    this.#running.add(step);
    step.then(
      () => this.#running.delete(step),
      (error: unknown) => {
        this.#failure ??= error as Error;
        this.#running.delete(step);
      },
    );
    return step;
  }

  async #write(command: string, headers: OutgoingHeaders, body?: Buffer, timeout?: number): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (!this.session.isOpen) throw await this.session.closed;
    if (!this.#hasBegun) {
      this.session.write('BEGIN', { transaction: this.#id });
      this.#hasBegun = true;
    }
    // A receipt for each: an ERROR without one names no command, and a full queue holds back the receipt instead of the socket.
    try {
      await this.session.request(command, { ...headers, transaction: this.#id }, body, timeout);
    } catch (error) {
      if (command === 'SEND' && error instanceof ConnectionClosedError) this.#hasLostSend = true;
      throw error;
    }
  }

  #endedError(): IllegalStateError {
    return new IllegalStateError(`The transaction ${this.#id} has ended: nothing can be done in it any more`);
  }
}

/** Whether something failed because the connection was lost, or given up since the broker did not answer. */
export function endedWithItsConnection(error: unknown): boolean {
  return causesOf(error).some((cause) => cause instanceof ConnectionClosedError || cause instanceof ReceiptTimeoutError);
}
