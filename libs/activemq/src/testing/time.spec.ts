import { afterEach, describe, expect, it, vi } from 'vitest';

import { ManualClock } from '../embedded/broker/manual-clock.js';
import { bootBench, type TestBench } from './testing.fixture.js';

let bench: TestBench;

afterEach(async () => {
  vi.useRealTimers();
  await bench.close();
});

describe('the manual clock', () => {
  it('holds a redelivery until its delay is over, to the millisecond', async () => {
    bench = await bootBench({ overrides: { redelivery: { initialRedeliveryDelay: 60_000 } } });
    const { harness } = bench;
    await harness.publish('orders', { id: 1, failures: 1 });
    expect(await harness.waitForOutcome({ kind: 'retrying' })).toMatchObject({ delay: 60_000 });
    harness.clock.advance(59_999);
    await expect(harness.waitForOutcome({ kind: 'acknowledged' }, { timeout: 50 })).rejects.toThrow(/advance\(60000\)/);
    harness.clock.advance(1);
    expect(await harness.waitForOutcome({ kind: 'acknowledged' })).toMatchObject({ attempts: 2 });
  });

  it('holds what is scheduled, and what expires', async () => {
    bench = await bootBench();
    const { harness } = bench;
    await harness.publish('orders', { id: 1 }, { headers: { AMQ_SCHEDULED_DELAY: '3600000' } });
    await harness.publish('nobody', 'x', { timeToLive: 60_000 });
    expect([harness.broker.scheduledCount, harness.queue('nobody').depth, harness.outcomes.length]).toEqual([1, 1, 0]);
    // ActiveMQ rounds up to its tick, which is 1 ms here.
    harness.clock.advance(3_600_001);
    expect(await harness.waitForOutcome({ kind: 'acknowledged' })).toMatchObject({ message: { payload: { id: 1 } } });
    expect([harness.broker.scheduledCount, harness.queue('nobody').depth]).toEqual([0, 0]);
    expect(harness.deadLetters()).toMatchObject([{ text: 'x' }]);
  });

  it('can be the test’s own, at a time of its choice', async () => {
    const clock = new ManualClock(Date.parse('2030-01-01T00:00:00Z'));
    bench = await bootBench({ clock });
    const { message } = await bench.harness.publishAndWait('orders', { id: 1 });
    expect(message.timestamp).toBe(clock.now());
  });

  it('refuses to go back', () => {
    expect(() => bench.harness.clock.advance(-1)).toThrow(/advance\(-1\): give a whole number of ms/);
  });
});

describe('the computer’s clock', () => {
  it('runs by itself', async () => {
    bench = await bootBench({ clock: 'system', overrides: { redelivery: { initialRedeliveryDelay: 20 } } });
    expect(await bench.harness.publishAndWait('orders', { id: 1, failures: 1 })).toMatchObject({ attempts: 2 });
  });

  it('is moved by the fake timers of Vitest, which must leave setImmediate alone', async () => {
    bench = await bootBench({ clock: 'system' });
    const { harness } = bench;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await harness.publish('orders', { id: 1, failures: 1 });
    await harness.waitForOutcome({ kind: 'retrying' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await harness.waitForOutcome({ kind: 'acknowledged' })).toMatchObject({ attempts: 2 });
  });

  it('bounds a wait by real time, whatever fake timers do', async () => {
    bench = await bootBench({ clock: 'system' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await expect(bench.harness.waitForOutcome({ kind: 'kept' }, { timeout: 20 })).rejects.toThrow(/within 20 ms/);
  });
});
