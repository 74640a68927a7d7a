/** Lets one through at a time, in the order in which they asked. */
export class Turn {
  #last: Promise<void> = Promise.resolve();

  /** Resolves, when everybody who asked before has given it back, with what gives it back. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let giveBack!: () => void;
    this.#last = new Promise((resolve) => (giveBack = resolve));
    await before;
    return giveBack;
  }
}
