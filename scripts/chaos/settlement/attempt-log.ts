import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One attempt at a message. */
export interface Attempt {
  /** The consumer process that made it. */
  readonly by: number;
  /** ms since 1970. */
  readonly at: number;
  /** The `deliveryCount` that the framework told the handler. */
  readonly count: number;
  /** Whether the handler got to its end without failing: the effect of the message. */
  readonly isHandled: boolean;
}

/**
 * The attempts at each message of a queue, in a file of its own that outlives `kill -9`: a line is appended when an attempt begins (`A`), and
 * another one when it has its effect (`H`). Every consumer process reads and appends.
 */
export class AttemptLog {
  readonly #folder: string;

  /** @param folder is made when it is missing */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** An attempt begins; returns the how manieth it is, over all processes. */
  begin(n: number, by: number, count: number): number {
    appendFileSync(this.#file(n), `A ${by} ${Date.now()} ${count}\n`);
    return this.read(n).length;
  }

  /** The attempt has its effect. */
  handled(n: number, by: number): void {
    appendFileSync(this.#file(n), `H ${by} ${Date.now()}\n`);
  }

  /** All attempts at a message, in their order. */
  read(n: number): readonly Attempt[] {
    const attempts: Attempt[] = [];
    appendFileSync(this.#file(n), '');
    for (const line of readFileSync(this.#file(n), 'utf8').split('\n')) {
      const [kind, by, at, count] = line.split(' ');
      if (kind === 'A') attempts.push({ by: Number(by), at: Number(at), count: Number(count), isHandled: false });
      if (kind !== 'H') continue;
      const index = attempts.findLastIndex((attempt) => attempt.by === Number(by) && !attempt.isHandled);
      if (index >= 0) attempts[index] = { ...attempts[index]!, isHandled: true };
    }
    return attempts;
  }

  #file(n: number): string {
    return path.join(this.#folder, String(n));
  }
}
