/** What clients get from a broker: a confirmed send, a delivered message. */
export type Service = 'confirmed' | 'handled';

/** Measures the longest time in which one of the services was missing, in ms of a clock that only goes on. */
export class ServiceClock {
  readonly #last: Record<Service, number>;
  readonly #longest: Record<Service, number> = { confirmed: 0, handled: 0 };

  /** @param since the moment of the fault */
  constructor(since: number) {
    this.#last = { confirmed: since, handled: since };
  }

  /** A client was served. */
  served(service: Service, at: number): void {
    this.#longest[service] = Math.max(this.#longest[service], at - this.#last[service]);
    this.#last[service] = at;
  }

  /** The longest time without service so far, whole ms; `at` is now, so that one which still lasts counts. */
  longest(at: number): number {
    const { confirmed, handled } = this.#last;
    return Math.round(Math.max(this.#longest.confirmed, this.#longest.handled, at - confirmed, at - handled));
  }
}
