import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { DEFAULT_REDELIVERY_POLICY, redeliveryDelay, type RedeliveryPolicy, resolveRedeliveryPolicy } from './redelivery-policy.js';

const resolve = (policy: RedeliveryPolicy) => resolveRedeliveryPolicy('here', policy);
const delaysOf = (policy: RedeliveryPolicy, count = 7) =>
  Array.from({ length: count }, (_, index) => redeliveryDelay(resolve(policy), index + 1));

/** What `getInitialRedeliveryDelay()`, then six times `getNextRedeliveryDelay()`, of ActiveMQ 5.17.2's own RedeliveryPolicy returned. */
const ACTIVEMQ: readonly (readonly [string, RedeliveryPolicy, readonly number[]])[] = [
  ['defaults', {}, [1000, 1000, 1000, 1000, 1000, 1000, 1000]],
  ['another initial delay', { initialRedeliveryDelay: 250 }, [250, 1000, 1000, 1000, 1000, 1000, 1000]],
  ['initial 0', { initialRedeliveryDelay: 0 }, [0, 1000, 1000, 1000, 1000, 1000, 1000]],
  ['both 0', { initialRedeliveryDelay: 0, redeliveryDelay: 0, useExponentialBackOff: true }, [0, 0, 0, 0, 0, 0, 0]],
  ['exponential', { useExponentialBackOff: true }, [1000, 5000, 25000, 125000, 625000, 3125000, 15625000]],
  [
    'exponential from another initial delay',
    { initialRedeliveryDelay: 100, useExponentialBackOff: true, backOffMultiplier: 2 },
    [100, 200, 400, 800, 1600, 3200, 6400],
  ],
  [
    'exponential, initial 0',
    { initialRedeliveryDelay: 0, useExponentialBackOff: true, backOffMultiplier: 2 },
    [0, 1000, 2000, 4000, 8000, 16000, 32000],
  ],
  [
    'a fractional multiplier',
    { initialRedeliveryDelay: 100, redeliveryDelay: 100, useExponentialBackOff: true, backOffMultiplier: 1.5 },
    [100, 150, 225, 337, 505, 757, 1135],
  ],
  [
    'multiplier 1',
    { initialRedeliveryDelay: 100, useExponentialBackOff: true, backOffMultiplier: 1 },
    [100, 1000, 1000, 1000, 1000, 1000, 1000],
  ],
  [
    'a cap',
    { useExponentialBackOff: true, backOffMultiplier: 2, maximumRedeliveryDelay: 5000 },
    [1000, 2000, 4000, 5000, 5000, 5000, 5000],
  ],
  [
    'a cap below the initial delay',
    { redeliveryDelay: 100, useExponentialBackOff: true, backOffMultiplier: 2, maximumRedeliveryDelay: 500 },
    [1000, 500, 500, 500, 500, 500, 500],
  ],
  [
    'a cap below redeliveryDelay',
    { useExponentialBackOff: true, backOffMultiplier: 2, maximumRedeliveryDelay: 500 },
    [1000, 1000, 1000, 1000, 1000, 1000, 1000],
  ],
  ['cap 0', { useExponentialBackOff: true, backOffMultiplier: 2, maximumRedeliveryDelay: 0 }, [1000, 1000, 1000, 1000, 1000, 1000, 1000]],
  ['a cap without back-off', { redeliveryDelay: 3000, maximumRedeliveryDelay: 500 }, [1000, 3000, 3000, 3000, 3000, 3000, 3000]],
  [
    'an initial delay above the cap',
    { initialRedeliveryDelay: 8000, useExponentialBackOff: true, backOffMultiplier: 2, maximumRedeliveryDelay: 5000 },
    [8000, 5000, 5000, 5000, 5000, 5000, 5000],
  ],
  [
    'fractions',
    { initialRedeliveryDelay: 333, redeliveryDelay: 333, useExponentialBackOff: true, backOffMultiplier: 1.7 },
    [333, 566, 962, 1635, 2779, 4724, 8030],
  ],
];
import { isRetryable } from './retryable.js';

describe('redeliveryDelay', () => {
  it.each(ACTIVEMQ)("is ActiveMQ's: %s", (_, policy, expected) => {
    expect(delaysOf(policy)).toEqual(expected);
  });

  it('never exceeds what a timer can keep, however often a message failed', () => {
    expect(redeliveryDelay(resolve({ useExponentialBackOff: true }), 1_000_000)).toBe(2_147_483_647);
    expect(redeliveryDelay(resolve({ useExponentialBackOff: true, useCollisionAvoidance: true }), 1_000_000, () => 1)).toBe(2_147_483_647);
  });

  it.each([
    [0, 850],
    [0.5, 1000],
    [1, 1150],
  ])('varies later delays by 15 percent: at random %d it is %d', (random, expected) => {
    const policy = resolve({ useCollisionAvoidance: true });
    expect(redeliveryDelay(policy, 2, () => random)).toBe(expected);
    expect(redeliveryDelay(policy, 1, () => random)).toBe(1000);
  });

  it('varies by the percentage given, and not at all by 0', () => {
    expect(redeliveryDelay(resolve({ useCollisionAvoidance: true, collisionAvoidancePercent: 100 }), 2, () => 0)).toBe(0);
    expect(redeliveryDelay(resolve({ useCollisionAvoidance: true, collisionAvoidancePercent: 0 }), 2, () => 0)).toBe(1000);
  });

  it('depends on the message alone: a message that failed for long leaves no trace on the next', () => {
    const policy = resolve({ useExponentialBackOff: true });
    redeliveryDelay(policy, 50);
    expect(redeliveryDelay(policy, 1)).toBe(1000);
    expect(redeliveryDelay(policy, 2)).toBe(5000);
  });
});

describe('resolveRedeliveryPolicy', () => {
  it("has ActiveMQ's defaults", () => {
    expect(resolve({})).toEqual({
      maximumRedeliveries: 6,
      initialRedeliveryDelay: 1000,
      redeliveryDelay: 1000,
      useExponentialBackOff: false,
      backOffMultiplier: 5,
      maximumRedeliveryDelay: -1,
      useCollisionAvoidance: false,
      collisionAvoidancePercent: 15,
      nonBlockingRedelivery: false,
      mode: 'local',
      retryable: isRetryable,
    });
  });

  it('takes what is left open, or undefined, from the defaults it is given', () => {
    const defaults = { ...DEFAULT_REDELIVERY_POLICY, maximumRedeliveries: 2 };
    expect(resolveRedeliveryPolicy('here', { maximumRedeliveries: undefined, redeliveryDelay: 0 }, defaults)).toMatchObject({
      maximumRedeliveries: 2,
      redeliveryDelay: 0,
    });
  });

  it.each([
    [{ maximumRedeliveries: -2 }, '`maximumRedeliveries` is -2'],
    [{ maximumRedeliveries: 1.5 }, '`maximumRedeliveries` is 1.5'],
    [{ initialRedeliveryDelay: -1 }, '`initialRedeliveryDelay` is -1'],
    [{ redeliveryDelay: 2 ** 31 }, '`redeliveryDelay` is 2147483648'],
    [{ redeliveryDelay: '1000' }, '`redeliveryDelay` is "1000"'],
    [{ maximumRedeliveryDelay: -2 }, '`maximumRedeliveryDelay` is -2'],
    [{ backOffMultiplier: 0.5 }, '`backOffMultiplier` is 0.5'],
    [{ backOffMultiplier: NaN }, '`backOffMultiplier` is NaN'],
    [{ collisionAvoidancePercent: 101 }, '`collisionAvoidancePercent` is 101'],
    [{ useExponentialBackOff: 'yes' }, '`useExponentialBackOff` must be true or false'],
    [{ useCollisionAvoidance: 1 }, '`useCollisionAvoidance` must be true or false'],
    [{ maxRedeliveries: 3 }, 'unknown option `maxRedeliveries`. Did you mean `maximumRedeliveries`?'],
    ['always', 'the options are "always"'],
  ])('refuses %o', (policy, why) => {
    expect(() => resolve(policy as never)).toThrow(ConfigurationError);
    expect(() => resolve(policy as never)).toThrow(`here: ${why}`);
  });
});
