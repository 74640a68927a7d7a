interface Entrant {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Bounds what is sent and not yet confirmed, in messages and in bytes; past the bound senders wait their turn. */
export class SendWindow {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #waiting: Entrant[] = [];
  readonly #onIdle: (() => void)[] = [];
  #messages = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** How many messages are in the window or wait for a place in it. */
  get size(): number {
    return this.#messages + this.#waiting.length;
  }

  /**
   * Takes a place, at once or when one is free; a message larger than the whole window goes alone.
   *
   * @param whenToStop the signal that ends the wait, asked for only when there is one; the promise rejects with its reason
   */
  enter(bytes: number, whenToStop: () => AbortSignal | undefined): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) {
      this.#take(bytes);
      return undefined;
    }
    const signal = whenToStop();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(entrant), 1);
        reject(signal?.reason as Error);
        this.#admit();
      };
      const entrant: Entrant = {
        bytes,
        enter: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#waiting.push(entrant);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives a place back. */
  leave(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    this.#admit();
    if (this.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Resolves when nothing is in the window and nobody waits. */
  idle(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #hasRoom(bytes: number): boolean {
    return this.#messages === 0 || (this.#messages < this.#maxMessages && this.#bytes + bytes <= this.#maxBytes);
  }

  #take(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.enter();
    }
  }
}
