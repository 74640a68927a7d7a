import { EMPTY_BODY } from './frame.js';

const FIRST_CAPACITY = 256;
/** What is allocated on a peer's word alone (its content-length); more only as bytes really arrive. */
const TRUSTED_CAPACITY = 1024 * 1024;

/** Collects the pieces of a line or a body that is split over chunks; doubles its room, so that the cost stays linear. */
export class FrameAccumulator {
  #bytes: Buffer = EMPTY_BODY;
  #length = 0;

  /** Bytes collected. */
  get length(): number {
    return this.#length;
  }

  /** Copies `source[start..end)` to the end; `expected` is the length in bytes that is known to come, 0 when unknown. */
  append(source: Buffer, start: number, end: number, expected = 0): void {
    const needed = this.#length + end - start;
    if (needed > this.#bytes.length) this.#grow(needed, expected);
    source.copy(this.#bytes, this.#length, start, end);
    this.#length = needed;
  }

  /** What is collected, as a view that is valid until the next call of {@link append}. */
  peek(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what is collected and keeps the room. */
  clear(): void {
    this.#length = 0;
  }

  /** Hands out what is collected, for good: its memory is not written to any more. */
  take(): Buffer {
    const taken = this.peek();
    const wasted = this.#bytes.length - this.#length;
    this.#bytes = EMPTY_BODY;
    this.#length = 0;
    return wasted > taken.length / 4 ? Buffer.from(taken) : taken;
  }

  #grow(needed: number, expected: number): void {
    const hinted = Math.min(expected, Math.max(TRUSTED_CAPACITY, this.#bytes.length * 2));
    const capacity = expected > 0 ? hinted : Math.max(FIRST_CAPACITY, this.#bytes.length * 2);
    // allocUnsafeSlow: a small piece of the shared pool would pin the pool for as long as the parser lives.
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, capacity));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
