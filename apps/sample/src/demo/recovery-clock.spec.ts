import { describe, expect, it } from 'vitest';

import { RecoveryClock } from './recovery-clock.js';

describe('RecoveryClock', () => {
  it('measures from the kill to the first handler run after the connection is back', () => {
    const clock = new RecoveryClock();
    clock.handled(50);
    clock.killed(100);
    clock.lost(110);
    clock.handled(111);
    clock.resumed();
    clock.handled(1_600);
    clock.handled(1_700);
    expect(clock.recoveries).toEqual([1_500]);
  });

  it('takes the time of a kill that is told after the loss was noticed', () => {
    const clock = new RecoveryClock();
    clock.lost(110);
    clock.killed(100);
    clock.resumed();
    clock.handled(1_100);
    expect(clock.recoveries).toEqual([1_000]);
  });

  it('measures from the loss when nobody killed', () => {
    const clock = new RecoveryClock();
    clock.lost(100);
    clock.resumed();
    clock.handled(300);
    expect(clock.recoveries).toEqual([200]);
  });

  it('counts a loss during an outage as part of it', () => {
    const clock = new RecoveryClock();
    clock.lost(100);
    clock.resumed();
    clock.lost(200);
    clock.handled(250);
    clock.resumed();
    clock.handled(400);
    expect(clock.recoveries).toEqual([300]);
  });

  it('counts a handler run before the connection is reported back only when none comes after', () => {
    const clock = new RecoveryClock();
    clock.lost(100);
    clock.handled(180);
    clock.resumed();
    expect(clock.recoveries).toEqual([80]);
    clock.handled(190);
    expect(clock.recoveries).toEqual([90]);
  });

  it('has nothing to tell of an outage that never ended', () => {
    const clock = new RecoveryClock();
    clock.killed(90);
    clock.lost(100);
    expect(clock.recoveries).toEqual([]);
  });

  it('begins the next outage at the next kill, when something was handled between them', () => {
    const clock = new RecoveryClock();
    clock.killed(100);
    clock.lost(110);
    clock.handled(900);
    clock.killed(1_000);
    clock.lost(1_010);
    clock.resumed();
    clock.handled(1_200);
    expect(clock.recoveries).toEqual([800, 200]);
  });

  it('takes two kills without a handler run between them for one outage', () => {
    const clock = new RecoveryClock();
    clock.killed(100);
    clock.lost(110);
    clock.killed(1_000);
    clock.lost(1_010);
    clock.resumed();
    clock.handled(1_200);
    expect(clock.recoveries).toEqual([1_100]);
  });

  it('measures each outage by itself', () => {
    const clock = new RecoveryClock();
    for (const start of [1_000, 2_000]) {
      clock.lost(start);
      clock.resumed();
      clock.handled(start + 10);
    }
    expect(clock.recoveries).toEqual([10, 10]);
  });
});
