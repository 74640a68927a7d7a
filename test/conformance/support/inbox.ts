/** Ms a test waits for something that has to come. */
const PATIENCE = 10_000;

/** What arrived and was not yet looked at, in order. */
export class Inbox<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;

  /** @param what names one item in errors */
  constructor(private readonly what: string) {}

  /** Adds what arrived. */
  put(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** How many are waiting. */
  get size(): number {
    return this.#items.length;
  }

  /** What waits, without taking it. */
  peek(): readonly T[] {
    return this.#items;
  }

  /**
   * Takes the next one, waiting for it.
   *
   * @param patience ms; default 10 000
   * @throws Error when none comes in time
   */
  async next(patience = PATIENCE): Promise<T> {
    const [item] = await this.take(1, patience);
    return item as T;
  }

  /** Takes the next `count`, waiting for all of them. */
  async take(count: number, patience = PATIENCE): Promise<T[]> {
    const deadline = performance.now() + patience;
    while (this.#items.length < count) await this.#arrival(deadline, count, patience);
    return this.#items.splice(0, count);
  }

  async #arrival(deadline: number, count: number, patience: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`Waited ${patience} ms for ${count} ${this.what}(s), ${this.#items.length} came`));
      }, deadline - performance.now());
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
