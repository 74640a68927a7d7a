import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_FAILOVER_OPTIONS } from './failover-options.js';
import { reconnectDelay, RECONNECT_JITTER, type ReconnectDelayOptions } from './reconnect-delay.js';

const delays = (options: Partial<ReconnectDelayOptions>, count: number, random = 0.5): number[] =>
  Array.from({ length: count }, (_, pauses) => reconnectDelay({ ...DEFAULT_FAILOVER_OPTIONS, ...options }, pauses, random));

describe('reconnectDelay', () => {
  it('doubles from 10 ms to the cap, as ActiveMQ by default', () => {
    expect(delays({}, 12)).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480]);
    expect(delays({}, 40, 1).slice(12)).toEqual(Array<number>(28).fill(30_000));
  });

  it('grows by the exponent that is given', () => {
    expect(delays({ reconnectDelayExponent: 3, initialReconnectDelay: 100 }, 4)).toEqual([100, 300, 900, 2700]);
    expect(delays({ reconnectDelayExponent: 1 }, 3)).toEqual([10, 10, 10]);
  });

  it('stays at the initial delay without exponential back-off', () => {
    expect(delays({ useExponentialBackOff: false, initialReconnectDelay: 70 }, 4)).toEqual([70, 70, 70, 70]);
  });

  it('is immediate only once with initialReconnectDelay=0', () => {
    expect(delays({ initialReconnectDelay: 0 }, 4)).toEqual([0, 10, 20, 40]);
    expect(delays({ initialReconnectDelay: 0, useExponentialBackOff: false }, 3)).toEqual([0, 10, 10]);
    expect(delays({ initialReconnectDelay: 0, maxReconnectDelay: 5 }, 3, 1)).toEqual([0, 5, 5]);
  });

  it('spreads evenly by 15 % either way, and only downwards at the cap', () => {
    expect(delays({ initialReconnectDelay: 1000 }, 1, 0)).toEqual([850]);
    expect(delays({ initialReconnectDelay: 1000 }, 1, 1)).toEqual([1150]);
    expect(delays({ initialReconnectDelay: 30_000 }, 1, 0)).toEqual([25_500]);
    expect(delays({ initialReconnectDelay: 30_000 }, 1, 0.5)).toEqual([27_750]);
  });

  it('is never above the cap, never further from its nominal value than the jitter, never a hot loop', () => {
    const options = fc.record({
      initialReconnectDelay: fc.nat(100_000),
      maxReconnectDelay: fc.integer({ min: 1, max: 2_147_483_647 }),
      useExponentialBackOff: fc.boolean(),
      reconnectDelayExponent: fc.double({ min: 1, max: 1000, noNaN: true }),
    });
    fc.assert(
      fc.property(options, fc.nat(5000), fc.double({ min: 0, max: 1, noNaN: true }), (given, pauses, random) => {
        const delay = reconnectDelay(given, pauses, random);
        expect(delay).toBeLessThanOrEqual(given.maxReconnectDelay);
        const smallest = Math.min(given.initialReconnectDelay || (pauses === 0 ? 0 : 10), given.maxReconnectDelay);
        expect(delay).toBeGreaterThanOrEqual(smallest * (1 - RECONNECT_JITTER) - 1e-9);
      }),
      { numRuns: 2000 },
    );
  });
});
