import type { AgreedHeartBeat } from './connect.js';

/** Intervals of silence after which ActiveMQ gives a client up; it notices at the third look. */
const SILENT_INTERVALS = 2.5;
/** Shortest and longest interval looked at, in ms: below, a client would keep the process busy; above, Node's timers overflow. */
const [SHORTEST, LONGEST] = [5, 2 ** 31 - 1];

/** Beats towards one client and listens for its beats. Runs on the computer's clock: it watches a connection, not messages. */
export class SessionHeartBeat {
  readonly #timers: NodeJS.Timeout[] = [];
  #lastReadAt = performance.now();

  constructor(agreed: AgreedHeartBeat, peer: { lastWriteAt(): number; unread(): boolean; beat(): void; onSilence(): void }) {
    if (agreed.read > 0) {
      this.#every(agreed.read, () => {
        // Who is not read cannot be heard.
        if (peer.unread()) this.heard();
        else if (performance.now() - this.#lastReadAt >= agreed.read * SILENT_INTERVALS) peer.onSilence();
      });
    }
    if (agreed.write > 0) {
      // Looks twice per interval, so that a beat is never later than the client may expect.
      this.#every(agreed.write / 2, () => {
        if (performance.now() - peer.lastWriteAt() >= agreed.write / 2) peer.beat();
      });
    }
  }

  /** Bytes came in. */
  heard(): void {
    this.#lastReadAt = performance.now();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #every(interval: number, task: () => void): void {
    this.#timers.push(setInterval(task, Math.min(Math.max(interval, SHORTEST), LONGEST)).unref());
  }
}
