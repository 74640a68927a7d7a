import { describe, expect, it } from 'vitest';
import { parseBrokerUri } from './broker-uri.js';
import { useFakeClock, FailoverBench, pass } from './failover-bench.fixture.js';

useFakeClock();

const LIST = 'failover:(stomp://home,stomp://away,stomp://far)';
const never = new AbortController().signal;
const away = parseBrokerUri('stomp://away');

describe('watchPriority', () => {
  it('probes the first broker with growing pauses until it opens a session, and hands it over', async () => {
    const bench = new FailoverBench(`${LIST}?priorityBackup=true`);
    const watching = bench.connector.watchPriority(away, never);
    await pass(100);
    expect(bench.attempts.map(({ host, at }) => `${host} ${Math.round(at)}`)).toEqual(['home 10', 'home 30', 'home 70']);
    bench.brokers.set('home', 'open');
    await pass(100);
    expect(await watching).toMatchObject({ session: 'session with home', attempts: 1 });
    expect(bench.lines.at(-1)).toBe('log The priority broker stomp://home:61613 can be reached again; moving from stomp://away:61613');
  });

  it('never probes more often than the longest pause allows once it is reached', async () => {
    const bench = new FailoverBench(`${LIST}?priorityBackup=true&maxReconnectDelay=1000`, { random: () => 1 });
    const owner = new AbortController();
    const watching = bench.connector.watchPriority(away, owner.signal);
    await pass(60_000);
    const before = bench.attempts.length;
    await pass(60_000);
    expect(bench.attempts.length - before).toBe(60);
    owner.abort();
    await watching;
  });

  it('probes all of priorityURIs in their order', async () => {
    const bench = new FailoverBench(`${LIST}?priorityBackup=true&priorityURIs=stomp://far,stomp://home`);
    bench.brokers.set('home', 'open');
    const watching = bench.connector.watchPriority(away, never);
    await pass(10);
    expect((await watching)?.uri.host).toBe('home');
    expect(bench.hosts).toBe('far home');
  });

  it('has nothing to do on a priority broker, or without priorityBackup', async () => {
    const bench = new FailoverBench(`${LIST}?priorityBackup=true`);
    expect(await bench.connector.watchPriority(parseBrokerUri('tcp://HOME'), never)).toBeUndefined();
    expect(await new FailoverBench(LIST).connector.watchPriority(away, never)).toBeUndefined();
    expect(bench.attempts).toEqual([]);
  });

  it('stops with its signal: in a pause, and in a probe', async () => {
    for (const [ms, probes] of [
      [5, 0],
      [15, 1],
    ] as const) {
      const bench = new FailoverBench(`${LIST}?priorityBackup=true`);
      bench.brokers.set('home', 'silent');
      const owner = new AbortController();
      const watching = bench.connector.watchPriority(away, owner.signal);
      await pass(ms);
      owner.abort();
      expect(await watching).toBeUndefined();
      expect(bench.attempts).toHaveLength(probes);
    }
  });

  it('makes the session it hands over the one whose loss counts', async () => {
    const bench = new FailoverBench(`${LIST}?priorityBackup=true&randomize=false`);
    bench.brokers.set('away', 'open');
    await bench.connector.connect();
    bench.brokers.set('home', 'open');
    const watching = bench.connector.watchPriority(away, never);
    await pass(10);
    await watching;
    bench.connector.succeeded();
    const again = bench.connector.connect();
    await pass(10);
    expect((await again).uri.host).toBe('away');
  });

  it('is not needed when the priority broker is up: a round tries it first', async () => {
    const bench = new FailoverBench(`${LIST}?priorityBackup=true&priorityURIs=stomp://far`);
    bench.brokers.set('home', 'open').set('away', 'open').set('far', 'open');
    expect((await bench.connector.connect()).uri.host).toBe('far');
  });
});
