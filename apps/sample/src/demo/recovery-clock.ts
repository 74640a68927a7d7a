interface Outage {
  since: number;
  /** Whether `since` is the moment of a kill. */
  wasKilled: boolean;
  isOver: boolean;
  firstHandled?: number;
}

/**
 * Measures how long nothing was handled: from a kill, or where nobody killed from the loss of the connection, to the first handler run after
 * the connection was back. All times are ms since 1970, because several processes report them.
 */
export class RecoveryClock {
  readonly #recoveries: number[] = [];
  #outage: Outage | undefined;
  #killedAt: number | undefined;

  /** ms of each recovery that is complete; one whose only handler runs came before the connection was reported back counts those. */
  get recoveries(): readonly number[] {
    const { since, firstHandled } = this.#outage ?? {};
    return since === undefined || firstHandled === undefined ? this.#recoveries : [...this.#recoveries, firstHandled - since];
  }

  /**
   * Somebody was killed: this is when the outage began, whether it was noticed already or not. A second kill begins the next outage, unless
   * nothing was handled since the first.
   */
  killed(at: number): void {
    const outage = this.#outage;
    if (outage?.wasKilled && outage.firstHandled !== undefined) {
      this.#recoveries.push(outage.firstHandled - outage.since);
      this.#outage = undefined;
    }
    if (this.#outage) this.#outage = { ...this.#outage, since: Math.min(this.#outage.since, at), wasKilled: true };
    else this.#killedAt = at;
  }

  /** The outage is noticed; one during another one belongs to it. */
  lost(at: number): void {
    this.#outage = {
      since: this.#outage?.since ?? this.#killedAt ?? at,
      wasKilled: this.#outage?.wasKilled ?? this.#killedAt !== undefined,
      isOver: false,
    };
    this.#killedAt = undefined;
  }

  /** The connection is back: the next handler run ends the outage. */
  resumed(): void {
    if (this.#outage) this.#outage.isOver = true;
  }

  /** A handler ran. */
  handled(at: number): void {
    if (!this.#outage) return;
    // Until the connection is back it may have been a message that had arrived before.
    this.#outage.firstHandled ??= at;
    if (!this.#outage.isOver) return;
    this.#recoveries.push(at - this.#outage.since);
    this.#outage = undefined;
  }
}
