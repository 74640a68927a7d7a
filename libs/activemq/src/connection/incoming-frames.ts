import type { StompFrame } from '../stomp/frame.js';

/** MESSAGE frames that came and were not yet looked at; how many that can be is bounded by the prefetch of their subscription. */
export class IncomingFrames {
  readonly #frames: StompFrame[] = [];
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** Adds a frame; nothing happens when it has failed. */
  put(frame: StompFrame): void {
    if (this.#failure) return;
    this.#frames.push(frame);
    this.#wake?.();
  }

  /** No more frames will come: whoever waits is told why; what came before is dropped. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#frames.length = 0;
    this.#wake?.();
  }

  /** Takes the next frame if there is one. */
  take(): StompFrame | undefined {
    return this.#frames.shift();
  }

  /**
   * Takes the next frame, waiting for it; one caller at a time.
   *
   * @param signal stops waiting; a frame that came before the end is still given
   * @throws the signal's reason, or what {@link fail} was told
   */
  async next(signal?: AbortSignal): Promise<StompFrame> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const frame = this.take();
      if (frame) return frame;
      signal?.throwIfAborted();
      await this.#arrival(signal);
    }
  }

  async #arrival(signal: AbortSignal | undefined): Promise<void> {
    let wake!: () => void;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    this.#wake = wake;
    signal?.addEventListener('abort', wake, { once: true });
    await woken;
    signal?.removeEventListener('abort', wake);
    this.#wake = undefined;
  }
}
