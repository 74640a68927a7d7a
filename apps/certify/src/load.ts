import { setMaxListeners } from 'node:events';

import { SendError } from 'nestjs-activemq';

/** Where a load sends to, and what it tells. */
export interface LoadTarget {
  /** Resolves when a broker has stored the message. */
  send(key: string): Promise<void>;
  onSending(key: string): void;
  onConfirmed(key: string): void;
  /** A send failed clearly; it is tried again with the same key. */
  onFailed(error: SendError): void;
}

/** How hard a load is. */
export interface LoadOptions {
  /** Messages a second, at most. */
  readonly rate: number;
  /** Sends under way at the same time, at most. */
  readonly concurrency: number;
}

/** ms between a send that failed and its repetition. */
const RETRY_PAUSE = 100;

/** Sends without end, each message until it is confirmed; after an outage it does not hurry to make up for it. */
export class Load {
  readonly #stopping = new AbortController();
  readonly #senders: Promise<unknown>;
  #sent = 0;
  #givenUp = false;

  /** @param name begins the key of every message; unique */
  constructor(
    private readonly name: string,
    private readonly target: LoadTarget,
    { rate, concurrency }: LoadOptions,
  ) {
    const interval = (1_000 * concurrency) / rate;
    const begun = performance.now();
    // One for each sender that waits for its turn.
    setMaxListeners(concurrency + 1, this.#stopping.signal);
    this.#senders = Promise.all(Array.from({ length: concurrency }, (_, index) => this.#run(interval, begun + (1_000 * index) / rate)));
    // Whoever waits for something of this load, or stops it, gets it.
    this.#senders.catch(() => this.#stopping.abort());
  }

  /** Begins no further send; resolves once those under way are confirmed. Throws what no repetition of a send can cure. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#senders;
  }

  /** Repeats no failed send any more, either: some stay unconfirmed. */
  giveUp(): void {
    this.#givenUp = true;
    this.#stopping.abort();
  }

  /** Never resolves before the load is stopped; rejects as soon as a send fails that no repetition can cure. */
  get end(): Promise<unknown> {
    return this.#senders;
  }

  async #run(interval: number, first: number): Promise<void> {
    const { signal } = this.#stopping;
    for (let next = first; !signal.aborted; next = Math.max(performance.now(), next + interval)) {
      await pause(next - performance.now(), signal);
      if (!signal.aborted) await this.#sendUntilConfirmed(`${this.name}-${++this.#sent}`);
    }
  }

  async #sendUntilConfirmed(key: string): Promise<void> {
    this.target.onSending(key);
    while (!this.#givenUp) {
      try {
        await this.target.send(key);
        this.target.onConfirmed(key);
        return;
      } catch (error) {
        if (!(error instanceof SendError)) throw error;
        this.target.onFailed(error);
        await pause(RETRY_PAUSE);
      }
    }
  }
}

/** Resolves after `ms`, or when the signal says so. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.max(0, ms));
    signal?.addEventListener('abort', finish);
  });
}
