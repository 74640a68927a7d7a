/** How a wait ends. */
export interface WaitOptions {
  /** ms of the computer's time; default the harness's `timeout`. */
  readonly timeout?: number;
}

/** How a wait for an outcome goes. */
export interface OutcomeWaitOptions extends WaitOptions {
  /**
   * Whether the clock is moved through the redelivery delays met while waiting, so that the last attempt comes at once; default `true` for
   * `publishAndWait`, `false` otherwise. Nothing is moved on the computer's clock.
   */
  readonly skipDelays?: boolean;
}
