/** Ids remembered per audit; ActiveMQ remembers by producer and window, which comes to a similar number. */
const MAX_IDS = 64 * 1024;

/** Remembers which message ids a dead letter queue has had. */
export class MessageAudit {
  readonly #seen = new Set<string>();

  /** Tells whether an id came before, and remembers it. */
  isDuplicate(id: string): boolean {
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    if (this.#seen.size > MAX_IDS) {
      const oldest = this.#seen.values().next();
      if (!oldest.done) this.#seen.delete(oldest.value);
    }
    return false;
  }
}
