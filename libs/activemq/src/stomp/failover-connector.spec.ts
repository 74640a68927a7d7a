import { describe, expect, it } from 'vitest';
import { BrokerError, ConfigurationError, ConnectError } from '../errors/index.js';
import { parseBrokerUri } from './broker-uri.js';
import { useFakeClock, FailoverBench, pass, rejection } from './failover-bench.fixture.js';

useFakeClock();

describe('connecting for the first time', () => {
  it('tries every broker before it pauses', async () => {
    const bench = new FailoverBench('failover:(stomp://a,stomp://b,stomp://c)?randomize=false');
    bench.brokers.set('c', 'open');
    const connected = await bench.connector.connect();
    expect(connected).toMatchObject({ session: 'session with c', attempts: 1 });
    expect(connected.uri.host).toBe('c');
    expect(bench.attempts).toEqual([
      { host: 'a', at: 0 },
      { host: 'b', at: 0 },
      { host: 'c', at: 0 },
    ]);
  });

  it('pauses 10, 20, 40 ... ms between rounds, 30 s at most', async () => {
    const bench = new FailoverBench('stomp://a', { random: () => 0.5 });
    const connecting = bench.connector.connect();
    await pass(75_000);
    const pauses = bench.times.slice(1).map((at, index) => at - (bench.times[index] ?? 0));
    // Half of the jitter's range at the cap, where it lies below: 27 750 ms.
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 27750]);
    bench.brokers.set('a', 'open');
    await pass(30_000);
    expect((await connecting).attempts).toBe(15);
  });

  it('draws the jitter from the numbers it is given', async () => {
    const bench = new FailoverBench('failover:(stomp://a)?initialReconnectDelay=1000&maxReconnectAttempts=3', { random: () => 1 });
    const failed = rejection(bench.connector.connect());
    await pass(10_000);
    await failed;
    expect(bench.times).toEqual([0, 1150, 1150 + 2300]);
  });

  it('asks before each round where the sister link is connected, and tries there first', async () => {
    let preferred: string | undefined;
    const bench = new FailoverBench('failover:(stomp://a,stomp://b)?randomize=false', {
      preferred: () => (preferred === undefined ? undefined : parseBrokerUri(preferred)),
    });
    const connecting = bench.connector.connect();
    await pass(0);
    preferred = 'stomp://b';
    bench.brokers.set('a', 'open').set('b', 'open');
    await pass(10);
    expect((await connecting).uri.host).toBe('b');
    expect(bench.hosts).toBe('a b b');
  });

  it('takes no second call while one is under way', async () => {
    const bench = new FailoverBench('stomp://a');
    bench.brokers.set('a', 'open');
    const connecting = bench.connector.connect();
    await expect(bench.connector.connect()).rejects.toMatchObject({ code: 'ERR_AMQ_ILLEGAL_STATE' });
    await connecting;
  });

  it('takes an opener that throws at once for a failed attempt', async () => {
    const bench = new FailoverBench('failover:(stomp://a)?maxReconnectAttempts=1', {
      open: () => {
        throw new Error('no socket');
      },
    });
    expect((await rejection(bench.connector.connect())).message).toContain('stomp://a:61613: no socket');
  });

  it('gives up at once on a configuration that no broker can cure', async () => {
    const bench = new FailoverBench('failover:(stomp://a,stomp://b)');
    const wrong = new ConfigurationError('The password holds a NUL');
    bench.brokers.set('a', wrong).set('b', wrong);
    expect(await rejection(bench.connector.connect())).toBe(wrong);
    expect(bench.attempts).toHaveLength(1);
  });
});

describe('the attempts', () => {
  it.each([
    ['maxReconnectAttempts=3', 3],
    ['maxReconnectAttempts=0', 1],
    ['startupMaxReconnectAttempts=2', 2],
    ['startupMaxReconnectAttempts=0', 1],
    ['maxReconnectAttempts=9&startupMaxReconnectAttempts=2', 2],
    ['maxReconnectAttempts=2&startupMaxReconnectAttempts=-1', 2],
  ])('until the first session with %s: %i round(s)', async (query, rounds) => {
    const bench = new FailoverBench(`failover:(stomp://a,stomp://b)?randomize=false&${query}`);
    const failed = rejection(bench.connector.connect());
    await pass(1000);
    const error = await failed;
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toBe(
      `Failed to connect to [stomp://a:61613, stomp://b:61613] after: ${rounds} attempt(s): ` +
        'stomp://a:61613: connect ECONNREFUSED a; stomp://b:61613: connect ECONNREFUSED b',
    );
    expect((error.cause as Error).message).toBe('connect ECONNREFUSED b');
    expect(bench.attempts).toHaveLength(rounds * 2);
  });

  it.each([
    ['maxReconnectAttempts=3&startupMaxReconnectAttempts=1', 3],
    ['maxReconnectAttempts=0', 0],
  ])('after the first session with %s: %i round(s)', async (query, rounds) => {
    const bench = new FailoverBench(`failover:(stomp://a)?${query}`);
    bench.brokers.set('a', 'open');
    await bench.connector.connect();
    bench.brokers.delete('a');
    const failed = rejection(bench.connector.connect());
    await pass(1000);
    expect((await failed).message).toMatch(rounds === 0 ? /not attempting to automatically reconnect/ : /after: 3 attempt\(s\)/);
    expect(bench.attempts).toHaveLength(1 + rounds);
  });

  it('have no limit by default', async () => {
    const bench = new FailoverBench('failover:(stomp://a)?maxReconnectDelay=10');
    const connecting = bench.connector.connect();
    await pass(10_000);
    expect(bench.attempts.length).toBeGreaterThan(1000);
    bench.brokers.set('a', 'open');
    await pass(10);
    await connecting;
  });

  it('begin anew when connect() is called after giving up', async () => {
    const bench = new FailoverBench('failover:(stomp://a)?maxReconnectAttempts=0');
    bench.brokers.set('a', 'open');
    await bench.connector.connect();
    await rejection(bench.connector.connect());
    await bench.connector.connect();
    expect(bench.hosts).toBe('a a');
  });
});

describe('the log', () => {
  it("tells in ActiveMQ's words what happens", async () => {
    const bench = new FailoverBench('failover:(stomp://u:secret@a,stomp://b)?randomize=false');
    const connecting = bench.connector.connect();
    await pass(0);
    bench.brokers.set('b', 'open');
    await pass(10);
    await connecting;
    bench.connector.succeeded();
    const again = bench.connector.connect();
    await pass(10);
    await again;
    expect(bench.lines).toEqual([
      'debug Attempting 0th connect to: stomp://a:61613',
      'debug Connect fail to: stomp://a:61613, reason: connect ECONNREFUSED a',
      'debug Attempting 0th connect to: stomp://b:61613',
      'debug Connect fail to: stomp://b:61613, reason: connect ECONNREFUSED b',
      'warn Failed to connect to [stomp://a:61613, stomp://b:61613] after: 1 attempt(s) with stomp://a:61613: connect ECONNREFUSED a; stomp://b:61613: connect ECONNREFUSED b, continuing to retry.',
      'debug Waiting 10 ms before attempting connection',
      'debug Attempting 1th connect to: stomp://a:61613',
      'debug Connect fail to: stomp://a:61613, reason: connect ECONNREFUSED a',
      'debug Attempting 1th connect to: stomp://b:61613',
      'log Successfully connected to stomp://b:61613',
      'debug Waiting 10 ms before attempting connection',
      'debug Attempting 0th connect to: stomp://a:61613',
      'debug Connect fail to: stomp://a:61613, reason: connect ECONNREFUSED a',
      'debug Attempting 0th connect to: stomp://b:61613',
      'log Successfully reconnected to stomp://b:61613',
    ]);
  });

  it.each([
    ['', [1, 10, 20]],
    ['warnAfterReconnectAttempts=7&', [1, 7, 14, 21]],
    ['warnAfterReconnectAttempts=0&', []],
    ['warnAfterReconnectAttempts=-1&', []],
  ])('warns at the first failed round and each n-th: %s', async (query, rounds) => {
    const bench = new FailoverBench(`failover:(stomp://a)?${query}maxReconnectAttempts=22`);
    const failed = rejection(bench.connector.connect());
    await pass(600_000);
    await failed;
    expect(bench.warnings().map((line) => Number(/after: (\d+) attempt/.exec(line)?.[1]))).toEqual(rounds);
  });

  it('warns once of a refusal such as a wrong password, keeps trying and tries the other brokers', async () => {
    const bench = new FailoverBench('failover:(stomp://a,stomp://b)?randomize=false&warnAfterReconnectAttempts=0');
    bench.brokers.set('a', new BrokerError('User name [u] or password is invalid.'));
    const connecting = bench.connector.connect();
    await pass(1000);
    expect(bench.warnings()).toEqual([
      'warn stomp://a:61613 refused the connection: The broker refused: User name [u] or password is invalid.; continuing to retry.',
    ]);
    expect(bench.hosts.startsWith('a b a b')).toBe(true);
    bench.brokers.set('a', 'open');
    await pass(2000);
    expect((await connecting).uri.host).toBe('a');
  });

  it('tells of a broker that the URL names twice', () => {
    const bench = new FailoverBench('failover:(stomp://a,stomp://b,stomp://b)');
    expect(bench.warnings()).toEqual([
      'warn The broker URL names [stomp://b:61613] twice; the brokers are [stomp://a:61613, stomp://b:61613]',
    ]);
  });
});
