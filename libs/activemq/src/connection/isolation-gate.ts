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

  /** Enters with others; `undefined` when there is nothing to wait for. */
  together(): Promise<void> | undefined {
    if (!this.#isIsolated && this.#alone.length === 0) {
      this.#inside++;
      return undefined;
    }
    return new Promise((resolve) => this.#together.push(resolve));
  }

  /** Enters when everybody else has left. */
  alone(): Promise<void> {
    return new Promise((resolve) => {
      this.#alone.push(resolve);
      this.#admit();
    });
  }

  /** Leaves, however one entered. */
  leave(): void {
    this.#inside--;
    this.#admit();
  }

  #admit(): void {
    if (this.#inside > 0) return;
    const next = this.#alone.shift();
    this.#isIsolated = next !== undefined;
    if (next) {
      this.#inside = 1;
      next();
      return;
    }
    for (const enter of this.#together.splice(0)) {
      this.#inside++;
      enter();
    }
  }
}
