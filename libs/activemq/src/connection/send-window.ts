interface Entrant {
  readonly bytes: number;
  readonly enter: () => void;
  hasGivenUp: boolean;
}

/** Entrants that have gone in or given up are cleared away in batches of at least this many: an array that shifts costs its length. */
const CLEAR_AWAY = 1_024;

/** Bounds what is sent and not yet confirmed, in messages and in bytes; past the bound senders wait their turn. */
export class SendWindow {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #queue: Entrant[] = [];
  #head = 0;
  #waiting = 0;
  #messages = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** How many messages are in the window or wait for a place in it. */
  get size(): number {
    return this.#messages + this.#waiting;
  }

  /** How many messages wait for a place. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Takes a place, at once or when one is free; a message larger than the whole window goes alone.
   *
   * @param whenToStop the signal that ends the wait, asked for only when there is one; the promise rejects with its reason
   */
  enter(bytes: number, whenToStop: () => AbortSignal | undefined): Promise<void> | undefined {
    if (this.#waiting === 0 && this.#hasRoom(bytes)) {
      this.#take(bytes);
      return undefined;
    }
    const signal = whenToStop();
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        entrant.hasGivenUp = true;
        this.#waiting--;
        reject(signal?.reason as Error);
        this.#admit();
      };
      const entrant: Entrant = {
        bytes,
        hasGivenUp: false,
        enter: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#queue.push(entrant);
      this.#waiting++;
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives a place back. */
  leave(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    this.#admit();
  }

  #hasRoom(bytes: number): boolean {
    return this.#messages === 0 || (this.#messages < this.#maxMessages && this.#bytes + bytes <= this.#maxBytes);
  }

  #take(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }

  #admit(): void {
    for (let next = this.#queue[this.#head]; next; next = this.#queue[this.#head]) {
      if (!next.hasGivenUp) {
        if (!this.#hasRoom(next.bytes)) break;
        this.#waiting--;
        this.#take(next.bytes);
        next.enter();
      }
      this.#head++;
    }
    if (this.#head === this.#queue.length || this.#head >= Math.max(CLEAR_AWAY, this.#queue.length / 2)) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
