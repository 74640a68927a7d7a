import { describe, expect, it } from 'vitest';
import { orderOfRound, shuffle } from './failover-order.js';
import { parseBrokerUrl } from './failover-uri.js';

/** A small generator with a seed, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Pearson's statistic of counts that should all be equal. */
function chiSquare(counts: Iterable<number>, expected: number): number {
  return [...counts].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const hosts = (query: string, hints: { preferred?: string; lost?: string } = {}, random = seeded(1)): string => {
  const failover = parseBrokerUrl(`failover:(stomp://a,stomp://b,stomp://c)?${query}`);
  const find = (host?: string) => (host === undefined ? undefined : parseBrokerUrl(`stomp://${host}`).uris[0]);
  const order = orderOfRound(failover, { preferred: find(hints.preferred), lost: find(hints.lost), random });
  return order.map((uri) => uri.host).join('');
};

describe('the order of a round', () => {
  it('is that of the URL with randomize=false', () => expect(hosts('randomize=false')).toBe('abc'));

  it('has the preferred broker first, also when it was lost', () => {
    expect(hosts('randomize=false', { preferred: 'c' })).toBe('cab');
    expect(hosts('randomize=false', { preferred: 'c', lost: 'c' })).toBe('cab');
  });

  it('has the lost broker last, as ActiveMQ', () => expect(hosts('randomize=false', { lost: 'a' })).toBe('bca'));

  it('ignores a preferred broker that is not listed', () => expect(hosts('randomize=false', { preferred: 'z' })).toBe('abc'));

  it('has the priority brokers before the others, after the preferred, unless just lost', () => {
    const query = 'randomize=false&priorityBackup=true&priorityURIs=stomp://c';
    expect(hosts(query)).toBe('cab');
    expect(hosts(query, { preferred: 'b' })).toBe('bca');
    expect(hosts(query, { lost: 'c' })).toBe('abc');
  });

  it('is, with randomize, each of the 6 orders equally often, the first place included', () => {
    const counts = new Map<string, number>();
    const rounds = 12_000;
    for (let seed = 0; seed < rounds; seed++) {
      const order = hosts('randomize=true', {}, seeded(seed));
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 5 degrees of freedom: 20.5 is exceeded by chance once in a thousand; the seeds are fixed.
    expect(chiSquare(counts.values(), rounds / 6)).toBeLessThan(20.5);
  });

  it('puts each of 5 brokers first equally often', () => {
    const counts = [0, 0, 0, 0, 0];
    const rounds = 10_000;
    for (let seed = 0; seed < rounds; seed++) {
      const first = shuffle([0, 1, 2, 3, 4], seeded(seed))[0] ?? 0;
      counts[first] = (counts[first] ?? 0) + 1;
    }
    // 4 degrees of freedom, one in a thousand.
    expect(chiSquare(counts, rounds / 5)).toBeLessThan(18.5);
  });

  it('leaves the array it shuffles alone', () => {
    const items = Object.freeze([1, 2, 3]);
    expect(shuffle(items, () => 0)).toEqual([2, 3, 1]);
    expect(items).toEqual([1, 2, 3]);
  });
});
