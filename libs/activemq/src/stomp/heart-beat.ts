/** How often each side promises a sign of life, in ms; 0 switches a direction off. */
export interface HeartBeatIntervals {
  /** We write at least this often. */
  readonly outgoing: number;
  /** The broker writes at least this often. */
  readonly incoming: number;
}

/**
 * What both sides agreed on (STOMP 1.2): a direction beats at the slower of the two wishes, and not at all when either side says 0.
 *
 * @param ours what we asked for in CONNECT
 * @param answer the `heart-beat` header of CONNECTED; absent or malformed means the broker beats not
 */
export function negotiateHeartBeat(ours: HeartBeatIntervals, answer: string | undefined): HeartBeatIntervals {
  const match = /^(\d{1,9}) *, *(\d{1,9})$/.exec(answer ?? '0,0');
  const [serverSends, serverWants] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  const agree = (a: number, b: number) => (a === 0 || b === 0 ? 0 : Math.max(a, b));
  return { outgoing: agree(ours.outgoing, serverWants), incoming: agree(ours.incoming, serverSends) };
}

/** Brokers were seen to be a whole interval late, so silence counts as death only after this many intervals. */
const INCOMING_GRACE = 2.5;

/** What {@link HeartBeat} needs of its session. */
export interface HeartBeatPeer {
  /** When the last byte went out, as `performance.now()`. */
  lastWriteAt(): number;
  /** When the last byte came in, as `performance.now()`. */
  lastReadAt(): number;
  /** Writes one EOL. */
  beat(): void;
  /** Called once when the broker was silent for too long. */
  onSilence(silentFor: number): void;
}

/** Writes our heart-beats and notices when the broker's stop. */
export class HeartBeat {
  readonly #timers: NodeJS.Timeout[] = [];
  #stopped = false;

  constructor(intervals: HeartBeatIntervals, peer: HeartBeatPeer) {
    if (intervals.outgoing > 0) this.#every(intervals.outgoing / 2, () => this.#beatWhenIdle(intervals.outgoing, peer));
    if (intervals.incoming > 0) this.#every(intervals.incoming / 2, () => this.#checkSilence(intervals.incoming * INCOMING_GRACE, peer));
  }

  /** Stops both directions. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
  }

  #every(interval: number, task: () => void): void {
    this.#timers.push(setInterval(task, Math.max(1, Math.floor(interval))));
  }

  #beatWhenIdle(interval: number, peer: HeartBeatPeer): void {
    if (performance.now() - peer.lastWriteAt() >= interval / 2 - 1) peer.beat();
  }

  #checkSilence(limit: number, peer: HeartBeatPeer): void {
    if (performance.now() - peer.lastReadAt() <= limit) return;
    // After a blocked event loop timers run before sockets are read: look again once what lies in the socket was read.
    setImmediate(() => {
      const silentFor = performance.now() - peer.lastReadAt();
      if (this.#stopped || silentFor <= limit) return;
      this.stop();
      peer.onSilence(silentFor);
    });
  }
}
