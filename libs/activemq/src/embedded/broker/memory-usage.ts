/** How much memory the messages of one broker take, and how much they may. */
export class MemoryUsage {
  #bytes = 0;

  constructor(
    /** Most bytes of messages; ActiveMQ's `memoryUsage`. */
    readonly limit: number,
  ) {}

  /** Bytes that messages are charged with now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a producer must be refused. */
  get full(): boolean {
    return this.#bytes >= this.limit;
  }

  /** Adds what a message takes, or takes it away when negative; in bytes. */
  charge(bytes: number): void {
    this.#bytes += bytes;
  }
}
