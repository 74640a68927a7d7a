/** What was begun between two flushes. */
export interface FlushGeneration {
  running: number;
  onEnd: (() => void) | undefined;
}

/** Lets somebody wait for everything begun so far, while more begins. */
export class FlushBarrier {
  #current: FlushGeneration = { running: 0, onEnd: undefined };
  #before: Promise<void> = Promise.resolve();

  /** Something begins; hand what this returns to {@link end}. */
  begin(): FlushGeneration {
    this.#current.running++;
    return this.#current;
  }

  /** It has ended. */
  end(generation: FlushGeneration): void {
    if (--generation.running === 0) generation.onEnd?.();
  }

  /** Resolves when everything begun before this call has ended. */
  async passed(): Promise<void> {
    const generation = this.#current;
    if (generation.running > 0) {
      this.#current = { running: 0, onEnd: undefined };
      const ended = new Promise<void>((resolve) => (generation.onEnd = resolve));
      this.#before = Promise.all([this.#before, ended]).then(() => undefined);
    }
    await this.#before;
  }
}
