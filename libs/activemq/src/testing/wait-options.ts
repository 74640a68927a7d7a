/** How a wait ends. */
export interface WaitOptions {
  /** ms of the computer's time; default the harness's `timeout`. */
  readonly timeout?: number;
}

/** How a wait for an outcome goes. */
export interface OutcomeWaitOptions extends WaitOptions {
  /**
   * Whether the clock is moved through what is met while waiting: redelivery delays, here and in the broker's scheduler, so that the last attempt
   * comes at once, and the wait for the rest of a batch when no handler runs; default `true` for `publishAndWait`, `false` otherwise. Nothing is moved on the computer's clock.
   */
  readonly skipDelays?: boolean;
}
