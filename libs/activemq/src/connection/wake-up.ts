/** Lets one waiter sleep until something happens. */
export class WakeUp {
  #wake: (() => void) | undefined;

  /** Wakes the waiter, if there is one. */
  now(): void {
    this.#wake?.();
  }

  /** Resolves when {@link now} is called, or when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    let wake!: () => void;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    this.#wake = wake;
    signal?.addEventListener('abort', wake, { once: true });
    if (signal?.aborted) wake();
    await woken;
    signal?.removeEventListener('abort', wake);
    this.#wake = undefined;
  }
}
