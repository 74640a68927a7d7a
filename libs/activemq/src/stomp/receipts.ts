import { ReceiptTimeoutError } from '../errors/index.js';

interface PendingReceipt {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly deadline: NodeJS.Timeout;
}

/** The receipts a session waits for: each is confirmed, refused, timed out or rejected when the session ends, never forgotten. */
export class Receipts {
  readonly #pending = new Map<string, PendingReceipt>();
  #lastId = 0;
  #ended: Error | undefined;

  /** How many receipts are awaited. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Asks for one more receipt.
   *
   * @param what names the command in the error of a receipt that does not come
   * @param timeout ms until the promise rejects with {@link ReceiptTimeoutError}
   */
  expect(what: string, timeout: number): { readonly id: string; readonly received: Promise<void> } {
    if (this.#ended) return { id: '', received: Promise.reject(this.#ended) };
    const id = `r${++this.#lastId}`;
    const received = new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#pending.delete(id);
        reject(
          new ReceiptTimeoutError(`The broker did not confirm ${what} within ${timeout} ms; whether it took effect is unknown.`, timeout),
        );
      }, timeout);
      this.#pending.set(id, { resolve, reject, deadline });
    });
    return { id, received };
  }

  /** Resolves the receipt `id`; false when nobody waits for it (any more). */
  confirm(id: string): boolean {
    const pending = this.#take(id);
    pending?.resolve();
    return pending !== undefined;
  }

  /** Rejects the receipt `id` with the broker's error; false when nobody waits for it (any more). */
  refuse(id: string, error: Error): boolean {
    const pending = this.#take(id);
    pending?.reject(error);
    return pending !== undefined;
  }

  /** Rejects every receipt still awaited, and every later one: the connection is gone. */
  end(error: Error): void {
    this.#ended ??= error;
    for (const id of this.#pending.keys()) this.refuse(id, error);
  }

  #take(id: string): PendingReceipt | undefined {
    const pending = this.#pending.get(id);
    if (pending) {
      this.#pending.delete(id);
      clearTimeout(pending.deadline);
    }
    return pending;
  }
}
