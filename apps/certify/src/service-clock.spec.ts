import { describe, expect, it } from 'vitest';

import { ServiceClock } from './service-clock.js';

describe('ServiceClock', () => {
  it('knows the longest time without one of the services', () => {
    const clock = new ServiceClock(1_000);
    clock.served('confirmed', 1_010);
    clock.served('handled', 1_020);
    clock.served('confirmed', 1_400);
    clock.served('handled', 1_600);
    clock.served('confirmed', 1_650);
    expect(clock.longest(1_700)).toBe(580);
  });

  it('begins at the fault', () => {
    const clock = new ServiceClock(1_000);
    clock.served('confirmed', 3_000);
    clock.served('handled', 3_000);
    expect(clock.longest(3_001)).toBe(2_000);
  });

  it('counts what still lasts', () => {
    const clock = new ServiceClock(1_000);
    clock.served('confirmed', 1_900);
    expect(clock.longest(2_000.4)).toBe(1_000);
  });
});
