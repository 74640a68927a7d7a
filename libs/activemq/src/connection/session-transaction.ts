import { IllegalStateError, ReceiptTimeoutError } from '../errors/index.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';

/**
 * One STOMP transaction on one session: what is sent and acknowledged in it happens all or not at all.
 *
 * ActiveMQ commits the rest of a transaction in which a SEND was refused, so after any failure nothing but {@link rollback} is possible. Only
 * one transaction at a time may acknowledge messages of one subscription: ActiveMQ mixes their acknowledgements up.
 */
export class SessionTransaction {
  readonly #session: StompSession;
  readonly #id: string;
  readonly #steps: Promise<void>[] = [];
  #state: 'idle' | 'begun' | 'ended' = 'idle';
  #failure: Error | undefined;

  /** @param id names the transaction; no other one of the session may have it */
  constructor(session: StompSession, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** Whether anything was done in it; an empty transaction never reaches the broker. */
  get isEmpty(): boolean {
    return this.#state === 'idle';
  }

  /** Whether it can still be used: not ended, its session open, nothing refused. */
  get isUsable(): boolean {
    return this.#state !== 'ended' && this.#failure === undefined && this.#session.isOpen;
  }

  /**
   * Adds a message; resolves when the broker has taken it, which is not yet when it is stored.
   *
   * @throws what the session throws; the transaction can only be rolled back then
   */
  send(headers: OutgoingHeaders, body: Buffer, timeout?: number): Promise<void> {
    return this.#step('SEND', headers, body, timeout);
  }

  /**
   * Adds the acknowledgement of a delivery, by the `ack` header of its MESSAGE frame.
   *
   * @throws what the session throws; the transaction can only be rolled back then
   */
  acknowledge(ackId: string | undefined): Promise<void> {
    return this.#step('ACK', { id: ackId });
  }

  /**
   * Makes everything happen; resolves when the broker has stored it.
   *
   * @throws the first failure of a step, after a rollback: then nothing has happened
   * @throws ConnectionClosedError or ReceiptTimeoutError when the broker did not confirm: nobody knows what happened
   */
  async commit(): Promise<void> {
    if (this.#state === 'ended') throw new IllegalStateError(`The transaction ${this.#id} has ended`);
    try {
      await Promise.all(this.#steps);
    } catch (error) {
      await this.rollback();
      throw error;
    }
    if (this.#state === 'idle') return;
    this.#state = 'ended';
    try {
      await this.#session.request('COMMIT', { transaction: this.#id });
    } catch (error) {
      this.#endSessionWithout(error);
      throw error;
    }
  }

  /** Undoes everything; what was acknowledged in it can be acknowledged again. It never throws: without a session nothing is left to undo. */
  async rollback(): Promise<void> {
    const wasBegun = this.#state === 'begun';
    this.#state = 'ended';
    if (!wasBegun || !this.#session.isOpen) return;
    try {
      await this.#session.request('ABORT', { transaction: this.#id });
    } catch (error) {
      this.#endSessionWithout(error);
    }
  }

  /** Without an answer the transaction may be open, and hold its messages: the end of the session is its end too. */
  #endSessionWithout(error: unknown): void {
    if (error instanceof ReceiptTimeoutError) this.#session.destroy(error);
  }

  #step(command: string, headers: OutgoingHeaders, body?: Buffer, timeout?: number): Promise<void> {
    if (this.#state === 'ended') return Promise.reject(new IllegalStateError(`The transaction ${this.#id} has ended`));
    if (this.#failure) return Promise.reject(this.#failure);
    const step = this.#write(command, headers, body, timeout);
    step.catch((error: unknown) => (this.#failure ??= error as Error));
    this.#steps.push(step);
    return step;
  }

  async #write(command: string, headers: OutgoingHeaders, body: Buffer | undefined, timeout: number | undefined): Promise<void> {
    if (this.#state === 'idle') {
      this.#session.write('BEGIN', { transaction: this.#id });
      this.#state = 'begun';
    }
    // A receipt for each: an ERROR without one names no command, and a full queue holds back the receipt instead of the socket.
    await this.#session.request(command, { ...headers, transaction: this.#id }, body, timeout);
  }
}
