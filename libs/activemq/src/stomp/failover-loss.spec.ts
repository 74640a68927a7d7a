import { describe, expect, it, vi } from 'vitest';
import { parseBrokerUri, type BrokerUri } from './broker-uri.js';
import { useFakeClock, FailoverBench } from './failover-bench.fixture.js';
import { PROVEN_AFTER } from './failover-history.js';

useFakeClock();

/** Opens the next session and tells the pause in ms before it; the clock stands still otherwise. */
async function reopen(bench: FailoverBench): Promise<number> {
  const before = performance.now();
  const connecting = bench.connector.connect();
  await vi.advanceTimersToNextTimerAsync();
  await connecting;
  return Math.round(performance.now() - before);
}

async function pauses(bench: FailoverBench, sessions: number, afterEach: () => void): Promise<number[]> {
  const waited: number[] = [];
  for (let session = 0; session < sessions; session++) {
    waited.push(await reopen(bench));
    afterEach();
  }
  return waited;
}

function openBench(query = '', preferred?: () => BrokerUri): FailoverBench {
  const bench = new FailoverBench(`failover:(stomp://a,stomp://b)?randomize=false${query}`, preferred && { preferred });
  bench.brokers.set('a', 'open').set('b', 'open');
  return bench;
}

describe('a session that is lost', () => {
  it('before it proved useful costs growing pauses: no hot loop with a broker that accepts and drops', async () => {
    const bench = openBench();
    const waited = await pauses(bench, 15, () => {});
    expect(waited).toEqual([0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 27750, 27750]);
  });

  it('just before it lived long enough still costs growing pauses', async () => {
    const bench = openBench();
    expect(await pauses(bench, 4, () => vi.advanceTimersByTime(PROVEN_AFTER - 1))).toEqual([0, 10, 20, 40]);
  });

  it('after it lived long enough begins the pauses anew', async () => {
    const bench = openBench();
    expect(await pauses(bench, 4, () => vi.advanceTimersByTime(PROVEN_AFTER))).toEqual([0, 10, 10, 10]);
  });

  it('after succeeded() begins the pauses anew', async () => {
    const bench = openBench();
    expect(await pauses(bench, 4, () => bench.connector.succeeded())).toEqual([0, 10, 10, 10]);
  });

  it('after a proven one starts from what that one reset', async () => {
    const bench = openBench();
    await pauses(bench, 5, () => {});
    bench.connector.succeeded();
    expect(await pauses(bench, 3, () => {})).toEqual([10, 20, 40]);
  });

  it('is a reason to try its broker last', async () => {
    const bench = openBench();
    await pauses(bench, 4, () => bench.connector.succeeded());
    expect(bench.hosts).toBe('a b a b');
  });

  it('is looked for where the sister link is, but not at a broker that drops this link', async () => {
    const bench = openBench('', () => parseBrokerUri('stomp://a'));
    await reopen(bench);
    bench.connector.succeeded();
    await reopen(bench);
    await reopen(bench);
    expect(bench.hosts).toBe('a a b');
  });

  it('again and again unproven is told at warn', async () => {
    const bench = openBench('&warnAfterReconnectAttempts=5');
    await pauses(bench, 11, () => {});
    expect(bench.warnings().map((line) => line.replace('before they proved useful, the last with', '..'))).toEqual([
      'warn 2 sessions in a row were lost .. stomp://b:61613; the pauses grow.',
      'warn 5 sessions in a row were lost .. stomp://a:61613; the pauses grow.',
      'warn 10 sessions in a row were lost .. stomp://b:61613; the pauses grow.',
    ]);
  });
  it.each(['0', '-1'])('is told at no warning with warnAfterReconnectAttempts=%s', async (every) => {
    const bench = openBench(`&warnAfterReconnectAttempts=${every}`);
    await pauses(bench, 11, () => {});
    expect(bench.warnings()).toEqual([]);
  });
});
