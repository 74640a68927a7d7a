import type { StoredJob } from '../store/message-store.js';

/** Scheduled jobs by the time they fire: a binary heap. Jobs that were replaced or removed are skipped when they come up. */
export class JobQueue {
  readonly #heap: StoredJob[] = [];

  constructor(private readonly jobs: ReadonlyMap<string, StoredJob>) {
    for (const job of jobs.values()) this.add(job);
  }

  /** The job to fire first. */
  get first(): StoredJob | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.jobs.get(top.id) === top) return top;
      this.#removeTop();
    }
    return undefined;
  }

  add(job: StoredJob): void {
    let at = this.#heap.push(job) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#time(parent) <= this.#time(at)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const smaller = this.#time(left + 1) < this.#time(left) ? left + 1 : left;
      if (this.#time(smaller) >= this.#time(at)) return;
      this.#swap(at, smaller);
      at = smaller;
    }
  }

  #time(at: number): number {
    return this.#heap[at]?.nextTime ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    if (x === undefined || y === undefined) return;
    this.#heap[a] = y;
    this.#heap[b] = x;
  }
}
