import type { JmsMessage } from '../message/jms-message.js';
import {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertKnownOptions,
  assertNumber,
  assertOneOf,
  givenOptions,
} from '../validation/index.js';
import { isRetryable } from './retryable.js';

/**
 * How often and when a message whose handler failed is handled again, with ActiveMQ's names and defaults.
 *
 * @see https://activemq.apache.org/components/classic/documentation/redelivery-policy
 */
export interface RedeliveryPolicy {
  /** Attempts after the first one; default 6. 0 is none, -1 is without end. */
  readonly maximumRedeliveries?: number;
  /** ms before the first redelivery; default 1000. */
  readonly initialRedeliveryDelay?: number;
  /** ms before each later redelivery, and the base of the back-off when `initialRedeliveryDelay` is 0; default 1000. */
  readonly redeliveryDelay?: number;
  /** Whether the delay grows by `backOffMultiplier` each time; default `false`. */
  readonly useExponentialBackOff?: boolean;
  /** By how much the delay grows each time with `useExponentialBackOff`; 1 or more, default 5. */
  readonly backOffMultiplier?: number;
  /** ms that a growing delay does not exceed, unless `redeliveryDelay` does; default -1, no bound. */
  readonly maximumRedeliveryDelay?: number;
  /** Whether later delays vary at random, so that messages that failed together do not come back together; default `false`. */
  readonly useCollisionAvoidance?: boolean;
  /** By how many percent they vary, up or down; default 15. */
  readonly collisionAvoidancePercent?: number;
  /**
   * Whether a message that waits for its next attempt lets those behind it overtake it; default `false`, which keeps the order. Counts in mode
   * `local` only. Mirrors the option of that name of `ActiveMQConnectionFactory`.
   */
  readonly nonBlockingRedelivery?: boolean;
  /**
   * Who waits for the next attempt; default `local`:
   *
   * - `local`: the message stays unacknowledged and is handled again here
   * - `scheduled`: the broker's scheduler brings a copy back, here or to another consumer; it holds no slot and survives this process. Needs
   *   `schedulerSupport="true"` and a queue
   * - `broker`: the message is rejected, and the broker's `redeliveryPlugin` counts and delays; without the plugin it is dead-lettered at once.
   *   Needs a queue
   */
  readonly mode?: RedeliveryMode;
  /**
   * Whether handling the message again can help after this error; default {@link isRetryable}. It is not asked about a `NonRetryableError`,
   * which never is, and a `RetryAfterError`, which always is.
   */
  readonly retryable?: (error: unknown, message: JmsMessage) => boolean;
}

/** Who waits for the next attempt; see {@link RedeliveryPolicy.mode}. */
export type RedeliveryMode = 'local' | 'scheduled' | 'broker';

/** A complete {@link RedeliveryPolicy}. */
export type ResolvedRedeliveryPolicy = Required<RedeliveryPolicy>;

/** ActiveMQ's defaults. */
export const DEFAULT_REDELIVERY_POLICY: ResolvedRedeliveryPolicy = {
  maximumRedeliveries: 6,
  initialRedeliveryDelay: 1_000,
  redeliveryDelay: 1_000,
  useExponentialBackOff: false,
  backOffMultiplier: 5,
  maximumRedeliveryDelay: -1,
  useCollisionAvoidance: false,
  collisionAvoidancePercent: 15,
  nonBlockingRedelivery: false,
  mode: 'local',
  retryable: isRetryable,
};

/** ms of the longest delay that a timer can keep. */
export const LONGEST_DELAY = 2_147_483_647;

/**
 * Fills in what `policy` leaves open, from `defaults`.
 *
 * @param where names the place in errors, e.g. `redelivery of listener 'orders'`
 * @throws ConfigurationError for an unknown option or an impossible value
 */
export function resolveRedeliveryPolicy(
  where: string,
  policy: RedeliveryPolicy,
  defaults: ResolvedRedeliveryPolicy = DEFAULT_REDELIVERY_POLICY,
): ResolvedRedeliveryPolicy {
  assertKnownOptions(where, policy, Object.keys(DEFAULT_REDELIVERY_POLICY));
  const resolved: ResolvedRedeliveryPolicy = { ...defaults, ...givenOptions(policy) };
  assertInteger(where, 'maximumRedeliveries', resolved.maximumRedeliveries, { min: -1 });
  assertInteger(where, 'initialRedeliveryDelay', resolved.initialRedeliveryDelay, { min: 0, max: LONGEST_DELAY });
  assertInteger(where, 'redeliveryDelay', resolved.redeliveryDelay, { min: 0, max: LONGEST_DELAY });
  assertInteger(where, 'maximumRedeliveryDelay', resolved.maximumRedeliveryDelay, { min: -1, max: LONGEST_DELAY });
  assertNumber(where, 'backOffMultiplier', resolved.backOffMultiplier, { min: 1 });
  assertNumber(where, 'collisionAvoidancePercent', resolved.collisionAvoidancePercent, { min: 0, max: 100 });
  for (const flag of ['useExponentialBackOff', 'useCollisionAvoidance', 'nonBlockingRedelivery'] as const) {
    assertBoolean(where, flag, resolved[flag]);
  }
  assertOneOf(where, 'mode', resolved.mode, ['local', 'scheduled', 'broker']);
  assertFunction(where, 'retryable', resolved.retryable);
  return resolved;
}

/**
 * ms to wait before redelivery number `count` (1 is the first), computed from the message's own count alone.
 *
 * As in ActiveMQ the first delay is `initialRedeliveryDelay` without variation, and only later ones grow and vary.
 */
export function redeliveryDelay(policy: ResolvedRedeliveryPolicy, count: number, random: () => number = Math.random): number {
  let delay = policy.initialRedeliveryDelay;
  if (count <= 1) return delay;
  for (let redelivery = 2; redelivery <= count; redelivery++) {
    const next = nextDelay(policy, delay);
    if (next === delay) break;
    delay = next;
  }
  const variation = policy.useCollisionAvoidance ? (delay * policy.collisionAvoidancePercent * (random() * 2 - 1)) / 100 : 0;
  return Math.min(Math.round(delay + variation), LONGEST_DELAY);
}

/** What ActiveMQ's `getNextRedeliveryDelay` makes of the delay before: a cap below `redeliveryDelay` means `redeliveryDelay`. */
function nextDelay(policy: ResolvedRedeliveryPolicy, previous: number): number {
  const { redeliveryDelay, useExponentialBackOff, backOffMultiplier, maximumRedeliveryDelay: maximum } = policy;
  if (previous <= 0 || !useExponentialBackOff || backOffMultiplier <= 1) return redeliveryDelay;
  const grown = Math.trunc(previous * backOffMultiplier);
  return Math.min(maximum !== -1 && grown > maximum ? Math.max(maximum, redeliveryDelay) : grown, LONGEST_DELAY);
}
