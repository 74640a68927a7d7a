import { describe, expect, it, vi } from 'vitest';

import { ConnectError, ReceiptTimeoutError } from '../errors/index.js';
import { pass, useFakeClock } from '../stomp/failover-bench.fixture.js';
import { Deadline } from './deadline.js';

useFakeClock();

describe('Deadline', () => {
  it('counts down, to 1 ms at least', async () => {
    const deadline = new Deadline(100);
    expect(deadline.left).toBe(100);
    await pass(60);
    expect(deadline.left).toBe(40);
    await pass(1_000);
    expect(deadline.left).toBe(1);
  });

  it('has a timer only when somebody asks for the signal, and aborts it with what it is told', async () => {
    const deadline = new Deadline(100, () => new ConnectError('100 ms'));
    expect(vi.getTimerCount()).toBe(0);
    await pass(60);
    const { signal } = deadline;
    expect(deadline.signal).toBe(signal);
    expect(vi.getTimerCount()).toBe(1);
    await pass(39);
    expect(signal?.aborted).toBe(false);
    await pass(1);
    expect(signal?.reason).toEqual(new ConnectError('100 ms'));
  });

  it('aborts with a timeout by default', async () => {
    const { signal } = new Deadline(5);
    await pass(5);
    expect(signal?.reason).toMatchObject({ name: ReceiptTimeoutError.name, timeout: 5 });
  });

  it('of 0 is never', () => {
    const deadline = new Deadline(0);
    expect(deadline.signal).toBeUndefined();
    expect(deadline.left).toBe(2_147_483_647);
  });

  it('lets go of its timer', () => {
    const deadline = new Deadline(100);
    expect(deadline.signal?.aborted).toBe(false);
    deadline.clear();
    expect(vi.getTimerCount()).toBe(0);
  });
});
