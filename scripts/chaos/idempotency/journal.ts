import { appendFileSync, closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * What one consumer process did, a line each, in a file that outlives `kill -9`:
 *
 * - `E <number> <token>`: the side effect of a message, made under that claim. The line is the side effect.
 * - `C <number> <token> <answer>`: what the store answered to `complete`, or `error`; before the message could be acknowledged.
 * - `U <number>`: a side effect without a claim.
 */
export class Journal {
  readonly #file: number;

  /** @param path of a file, which is made or gone on with */
  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  /** The side effect of a message. */
  effect(message: number, token: string): void {
    writeSync(this.#file, token === '' ? `U ${message}\n` : `E ${message} ${token}\n`);
  }

  /** What the store answered. */
  completed(message: number, token: string, answer: string): void {
    writeSync(this.#file, `C ${message} ${token} ${answer}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Reads a journal's lines, split at spaces. */
export async function* readJournal(path: string): AsyncGenerator<readonly string[]> {
  // A consumer that died before its first line left no file.
  appendFileSync(path, '');
  for await (const line of createInterface({ input: createReadStream(path) })) yield line.split(' ');
}
