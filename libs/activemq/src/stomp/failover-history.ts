import type { BrokerUri } from './broker-uri.js';

/** After this many ms a session has proved itself without a word from its owner, and the back-off starts anew. */
export const PROVEN_AFTER = 10_000;

/** How a session ended. */
export interface SessionEnd {
  readonly uri: BrokerUri;
  /** Whether it proved useful, or lived for {@link PROVEN_AFTER}. */
  readonly proven: boolean;
  /** Sessions in a row that ended unproven, this one included. */
  readonly unprovenInARow: number;
}

/** Remembers the sessions of one link: a broker that accepts and drops must not look like one that works. */
export class SessionHistory {
  #current: { uri: BrokerUri; openedAt: number; proven: boolean } | undefined;
  #unprovenInARow = 0;

  /** A session became open. */
  opened(uri: BrokerUri): void {
    this.#current = { uri, openedAt: performance.now(), proven: false };
  }

  /** The session that is open proved useful. */
  succeeded(): void {
    if (this.#current !== undefined) this.#current.proven = true;
  }

  /** The open session ended; `undefined` when there was none. */
  ended(): SessionEnd | undefined {
    const ended = this.#current;
    this.#current = undefined;
    if (ended === undefined) return undefined;
    const proven = ended.proven || performance.now() - ended.openedAt >= PROVEN_AFTER;
    this.#unprovenInARow = proven ? 0 : this.#unprovenInARow + 1;
    return { uri: ended.uri, proven, unprovenInARow: this.#unprovenInARow };
  }
}
