import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ShutdownDeadline } from './shutdown-deadline.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('counts from the first question on: draining and disconnecting share one shutdownTimeout', () => {
  const deadline = new ShutdownDeadline();
  vi.advanceTimersByTime(60_000);
  expect(deadline.left(30_000)).toBe(30_000);
  vi.advanceTimersByTime(20_000);
  expect(deadline.left(30_000)).toBe(10_000);
});

it('leaves half a second for DISCONNECT when handlers have used up the time', () => {
  const deadline = new ShutdownDeadline();
  deadline.left(0);
  vi.advanceTimersByTime(5_000);
  expect([deadline.left(0), deadline.left(5_100)]).toEqual([500, 500]);
});
