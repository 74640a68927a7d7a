/** How an attempt of this process ended, for the copies of its message that waited for it. */
export type AttemptEnd =
  /** It, or somebody before it, handled the message. */
  | { readonly kind: 'completed'; readonly result?: { readonly value: unknown } }
  /** It did not: whoever waited may claim. */
  | { readonly kind: 'open' };

/** One attempt of this process at a key, from before its claim until its end is recorded. */
export class RunningAttempt {
  readonly #ended: Promise<AttemptEnd>;
  #end!: (end: AttemptEnd) => void;
  /** Whether its claim is somebody else's by now, or no longer renewed: copies then ask the store. Set when it is claimed. */
  isLost: () => boolean = () => false;
  /**
   * Set while the handler has succeeded and the store could not be told: tells it again, and resolves when it has answered.
   *
   * @throws what the store throws
   */
  recordAgain: (() => Promise<void>) | undefined;

  /** @param fingerprint of the message's content; `undefined` when contents are not compared */
  constructor(readonly fingerprint: string | undefined) {
    this.#ended = new Promise((resolve) => (this.#end = resolve));
  }

  /** Resolves when it has ended. */
  get ended(): Promise<AttemptEnd> {
    return this.#ended;
  }

  /** It has ended; only the first call counts. */
  end(end: AttemptEnd): void {
    this.#end(end);
  }
}

/** The attempts of this process, by record key: a copy of a message whose attempt runs here asks no store. */
export class RunningAttempts {
  readonly #attempts = new Map<string, RunningAttempt>();

  /** The attempt at a key; `undefined` when none runs. */
  at(key: string): RunningAttempt | undefined {
    return this.#attempts.get(key);
  }

  /** Begins an attempt; there must be none at the key. */
  begin(key: string, fingerprint: string | undefined): RunningAttempt {
    const attempt = new RunningAttempt(fingerprint);
    this.#attempts.set(key, attempt);
    return attempt;
  }

  /** Ends an attempt. */
  end(key: string, attempt: RunningAttempt, end: AttemptEnd): void {
    if (this.#attempts.get(key) === attempt) this.#attempts.delete(key);
    attempt.end(end);
  }

  /**
   * Tells the store of all that it could not be told when it happened.
   *
   * @throws the first failure; what was told by then is told
   */
  async recordAgain(): Promise<void> {
    for (const attempt of this.#attempts.values()) await attempt.recordAgain?.();
  }
}
