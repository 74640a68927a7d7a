/** How often calls are looked through, in ms: how late a deadline may be. */
const SWEEP_MS = 50;

interface PendingCall {
  readonly expiry: number;
  readonly fail: () => void;
}

/**
 * Deadlines of many calls with one interval, which runs only while calls are pending: a timer or an AbortSignal for each would cost
 * more than the call. Time is counted in sweeps, so that an event loop that was blocked for long still gets to read the answers that came meanwhile.
 */
export class CallDeadlines {
  /** All calls have the same deadline: the first one expires first. */
  private readonly pending = new Set<PendingCall>();
  private readonly sweeps: number;
  private readonly interval: number;
  private sweep = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param timeoutMs how long a call may take, in ms */
  constructor(readonly timeoutMs: number) {
    this.sweeps = Math.ceil(timeoutMs / Math.min(SWEEP_MS, timeoutMs));
    this.interval = timeoutMs / this.sweeps;
  }

  /** Settles as `call` does, or rejects with `timeoutError()` when it takes too long; `call` itself goes on. */
  async limit<T>(call: Promise<T>, timeoutError: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry = { expiry: this.sweep + this.sweeps + 1, fail: () => reject(timeoutError()) };
      this.pending.add(entry);
      this.timer ??= setInterval(() => this.look(), this.interval);
      call.then(
        (answer) => {
          this.pending.delete(entry);
          return resolve(answer);
        },
        (error: unknown) => {
          this.pending.delete(entry);
          return reject(error);
        },
      );
    });
  }

  private look(): void {
    this.sweep++;
    for (const call of this.pending) {
      if (call.expiry > this.sweep) return;
      this.pending.delete(call);
      call.fail();
    }
    if (this.pending.size === 0 && this.timer !== undefined) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}
