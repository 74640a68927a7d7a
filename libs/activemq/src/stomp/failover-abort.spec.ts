import { describe, expect, it, vi } from 'vitest';
import { ConnectError } from '../errors/index.js';
import { useFakeClock, FailoverBench, pass, rejection } from './failover-bench.fixture.js';

useFakeClock();

const stopping = new Error('the application stops');

describe('an abort', () => {
  it('before connect() makes no attempt', async () => {
    const bench = new FailoverBench('stomp://a');
    const error = await rejection(bench.connector.connect(AbortSignal.abort(stopping)));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ cause: stopping, retryable: false });
    expect(bench.attempts).toEqual([]);
  });

  it('during a pause ends it at once and leaves no timer and no listener', async () => {
    const bench = new FailoverBench('failover:(stomp://a)?initialReconnectDelay=30000');
    const owner = new AbortController();
    const added = vi.spyOn(owner.signal, 'addEventListener');
    const removed = vi.spyOn(owner.signal, 'removeEventListener');
    const failed = rejection(bench.connector.connect(owner.signal));
    await pass(1000);
    expect(vi.getTimerCount()).toBe(1);
    owner.abort(stopping);
    expect((await failed).cause).toBe(stopping);
    expect(vi.getTimerCount()).toBe(0);
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed).toHaveBeenCalledTimes(2);
    await pass(60_000);
    expect(bench.attempts).toHaveLength(1);
  });

  it('during an attempt reaches the opener, and no further broker is tried', async () => {
    const bench = new FailoverBench('failover:(stomp://a,stomp://b)?randomize=false');
    bench.brokers.set('a', 'silent').set('b', 'open');
    const owner = new AbortController();
    const failed = rejection(bench.connector.connect(owner.signal));
    await pass(1000);
    owner.abort(stopping);
    expect((await failed).cause).toBe(stopping);
    expect(bench.hosts).toBe('a');
  });

  it('does not wait for an opener that ignores it, and gives back the session that comes too late', async () => {
    let open: (session: string) => void = () => {};
    const bench = new FailoverBench('stomp://a', { open: () => new Promise((resolve) => (open = resolve)) });
    const owner = new AbortController();
    const failed = rejection(bench.connector.connect(owner.signal));
    await pass(0);
    owner.abort(stopping);
    expect((await failed).cause).toBe(stopping);
    expect(bench.discarded).toEqual([]);
    open('late session');
    await pass(0);
    expect(bench.discarded).toEqual(['late session']);
  });

  it('that comes while the sister link is asked for its broker reaches no opener', async () => {
    const owner = new AbortController();
    const bench = new FailoverBench('stomp://a', {
      preferred: () => {
        owner.abort(stopping);
        return undefined;
      },
    });
    expect((await rejection(bench.connector.connect(owner.signal))).cause).toBe(stopping);
    expect(bench.attempts).toEqual([]);
  });

  it('leaves the connector ready for another connect()', async () => {
    const bench = new FailoverBench('stomp://a');
    await rejection(bench.connector.connect(AbortSignal.abort(stopping)));
    bench.brokers.set('a', 'open');
    expect((await bench.connector.connect()).session).toBe('session with a');
  });
});
