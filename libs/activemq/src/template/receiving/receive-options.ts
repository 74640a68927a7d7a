import { assertInteger, assertKnownOptions } from '../../validation/index.js';

/** How long a receive waits. */
export interface ReceiveOptions {
  /**
   * ms to wait for a message; 0 waits for ever, -1 takes what is there and does not wait. Default the template's `receiveTimeout`. Mirrors
   * Spring's `JmsTemplate.receiveTimeout`. Connecting and subscribing come before, and may take 5 s, or as long as this when that is more;
   * of -1 the broker has 5 s to tell that nothing is there.
   */
  readonly timeout?: number;
  /** Stops waiting: the receive rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The longest a timer can wait. */
const LONGEST_TIMER = 2_147_483_647;

/** @throws ConfigurationError for an unknown option or an impossible value */
export function assertReceiveOptions(options: ReceiveOptions): void {
  const where = 'The options of a receive';
  assertKnownOptions(where, options, ['timeout', 'signal']);
  if (options.timeout !== undefined) assertInteger(where, 'timeout', options.timeout, { min: -1, max: LONGEST_TIMER });
}
