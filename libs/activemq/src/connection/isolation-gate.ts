type WhenToStop = () => AbortSignal | undefined;

/**
 * Lets attempts run together, or one alone: while somebody wants to be alone nobody new is let in.
 *
 * A broker closes the connection without a word for some frames it cannot take. Among many sends in flight nobody can tell which
 * one it was, so those that saw two connections die try the third one alone, and only the guilty one fails.
 */
export class IsolationGate {
  readonly #together: (() => void)[] = [];
  readonly #alone: (() => void)[] = [];
  #inside = 0;
  #isIsolated = false;

  /**
   * Enters with others; `undefined` when there is nothing to wait for.
   *
   * @param whenToStop the signal that ends the wait, asked for only when there is one; the promise rejects with its reason
   */
  together(whenToStop: WhenToStop): Promise<void> | undefined {
    if (!this.#isIsolated && this.#alone.length === 0) {
      this.#inside++;
      return undefined;
    }
    return this.#wait(this.#together, whenToStop());
  }

  /** Enters when everybody else has left; `whenToStop` as in {@link together}. */
  alone(whenToStop: WhenToStop): Promise<void> {
    const entered = this.#wait(this.#alone, whenToStop());
    this.#admit();
    return entered;
  }

  /** Leaves, however one entered. */
  leave(): void {
    this.#inside--;
    this.#admit();
  }

  #wait(queue: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        queue.splice(queue.indexOf(enter), 1);
        reject(signal?.reason as Error);
        this.#admit();
      };
      const enter = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      queue.push(enter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #admit(): void {
    if (this.#inside === 0) {
      const next = this.#alone.shift();
      this.#isIsolated = next !== undefined;
      if (next) {
        this.#inside = 1;
        next();
      }
    }
    if (this.#isIsolated || this.#alone.length > 0) return;
    for (const enter of this.#together.splice(0)) {
      this.#inside++;
      enter();
    }
  }
}
