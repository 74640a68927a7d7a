import { SendError } from 'nestjs-activemq';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Load, type LoadTarget } from './load.js';

/** A target whose sends the test decides about. */
function target(send: (key: string) => Promise<void>): LoadTarget & { readonly notes: string[] } {
  const notes: string[] = [];
  return {
    notes,
    send,
    onSending: (key) => notes.push(`sending ${key}`),
    onConfirmed: (key) => notes.push(`confirmed ${key}`),
    onFailed: (error) => notes.push(`failed ${error.message}`),
  };
}

describe('Load', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('keeps to its rate', async () => {
    const times: number[] = [];
    const begun = performance.now();
    const load = new Load(
      'a',
      target(async () => void times.push(performance.now() - begun)),
      { rate: 10, concurrency: 2 },
    );
    await vi.advanceTimersByTimeAsync(450);
    await load.stop();
    expect(times.map(Math.round)).toEqual([0, 100, 200, 300, 400]);
  });

  it('repeats a send that failed, with the same key, until it is confirmed', async () => {
    let fails = 2;
    const to = target(async () => {
      if (fails-- > 0) throw new SendError('no broker', 'not-sent', { retryable: true });
    });
    const load = new Load('a', to, { rate: 1, concurrency: 1 });
    await vi.advanceTimersByTimeAsync(500);
    await load.stop();
    expect(to.notes).toEqual(['sending a-1', 'failed no broker', 'failed no broker', 'confirmed a-1']);
  });

  it('waits at its end for what is under way', async () => {
    let confirm!: () => void;
    const to = target(() => new Promise((resolve) => (confirm = resolve)));
    const load = new Load('a', to, { rate: 10, concurrency: 1 });
    await vi.advanceTimersByTimeAsync(10);
    const stopped = load.stop();
    confirm();
    await stopped;
    expect(to.notes).toEqual(['sending a-1', 'confirmed a-1']);
  });

  it('does not make up for the time of an outage', async () => {
    let confirm: (() => void) | undefined;
    const to = target(() => new Promise((resolve) => (confirm = resolve)));
    const load = new Load('a', to, { rate: 10, concurrency: 1 });
    await vi.advanceTimersByTimeAsync(5_000);
    confirm?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(to.notes.filter((note) => note.startsWith('sending'))).toHaveLength(2);
    const stopped = load.stop();
    confirm?.();
    await stopped;
  });

  it('fails with what no repetition can cure', async () => {
    const load = new Load(
      'a',
      target(() => Promise.reject(new TypeError('a bug'))),
      { rate: 10, concurrency: 2 },
    );
    await Promise.all([expect(load.end).rejects.toThrow('a bug'), vi.advanceTimersByTimeAsync(10)]);
    await expect(load.stop()).rejects.toThrow('a bug');
  });
});
