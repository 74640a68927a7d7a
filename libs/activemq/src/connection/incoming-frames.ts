import type { StompFrame } from '../stomp/frame.js';
import { WakeUp } from './wake-up.js';

/** MESSAGE frames that came and were not yet looked at; how many that can be is bounded by the prefetch of their subscription. */
export class IncomingFrames {
  readonly #frames: StompFrame[] = [];
  readonly #wakeUp = new WakeUp();
  #failure: Error | undefined;

  /** Adds a frame; nothing happens when it has failed. */
  put(frame: StompFrame): void {
    if (this.#failure) return;
    this.#frames.push(frame);
    this.#wakeUp.now();
  }

  /** No more frames will come: whoever waits is told why; what came before is dropped. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#frames.length = 0;
    this.#wakeUp.now();
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
      const frame = this.#frames.shift();
      if (frame) return frame;
      signal?.throwIfAborted();
      await this.#wakeUp.wait(signal);
    }
  }
}
