import { randomInt } from 'node:crypto';

/** Makes ids of ActiveMQ's form, `ID:host-port-time-n:1`; two generators never make the same one. */
export class IdGenerator {
  readonly #seed: string;
  #last = 0;

  constructor(now: number, instance: number) {
    this.#seed = `ID:embedded-${randomInt(10_000, 2 ** 40)}-${now}-${instance}:`;
  }

  next(): string {
    return this.#seed + ++this.#last;
  }
}
