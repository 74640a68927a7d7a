// Taken before a test runner can put fake timers in their place: a wait is bounded by real time.
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;

/** More than any test looks at; the oldest are forgotten. */
const CAPACITY = 10_000;

/** A wait for something to be recorded; what is recorded already counts. */
export interface Wait<Item> {
  /** Whether an item is one of those waited for. */
  readonly matches: (item: Item) => boolean;
  /** How many of them. */
  readonly count: number;
  /** ms. */
  readonly timeout: number;
  /** Makes the error of a wait that took too long. */
  readonly explain: () => Error;
}

/** Keeps what happened, and lets tests wait for what is to happen. */
export class Recorder<Item> {
  #items: Item[] = [];
  readonly #observers = new Set<(item: Item) => void>();

  /** What happened since the last {@link Recorder.clear}, in order. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** Keeps an item and tells those who wait. */
  record(item: Item): void {
    this.#items.push(item);
    if (this.#items.length > CAPACITY) this.#items.shift();
    for (const observe of this.#observers) observe(item);
  }

  /** Calls `observer` for each item from now on; the returned function ends that. */
  observe(observer: (item: Item) => void): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /** Forgets what happened. */
  clear(): void {
    // A new array: what a test has been given stays what it was.
    this.#items = [];
  }

  /** Resolves with the first `count` items that match. */
  wait({ matches, count, timeout, explain }: Wait<Item>): Promise<readonly Item[]> {
    const found = this.#items.filter(matches).slice(0, count);
    if (found.length >= count) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const remove = this.observe((item) => {
        if (!matches(item) || found.push(item) < count) return;
        remove();
        realClearTimeout(timer);
        resolve(found);
      });
      const timer = realSetTimeout(() => {
        remove();
        reject(explain());
      }, timeout);
    });
  }
}
