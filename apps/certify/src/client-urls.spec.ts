import { describe, expect, it } from 'vitest';

import { clientUrls, preferredOf } from './client-urls.js';

const nodes = ['stomp://h:1', 'stomp://h:2', 'stomp://h:3'].map((url) => ({ url }));

describe('clientUrls', () => {
  it.each(['single', 'shared-file', 'jdbc', 'replicated-leveldb'] as const)('gives all clients of %s the same list', (topology) => {
    const all = 'failover:(stomp://h:1,stomp://h:2,stomp://h:3)?randomize=false&maxReconnectDelay=1000';
    expect(clientUrls({ topology, nodes })).toEqual({ producer: all, first: all, second: all });
    expect(preferredOf(all)).toEqual([]);
  });

  it.each(['network-static', 'network-multicast'] as const)('gives each listener of %s a broker of its own', (topology) => {
    const urls = clientUrls({ topology, nodes });
    expect(urls.first).toBe(
      'failover:(stomp://h:1,stomp://h:2,stomp://h:3)?randomize=false&maxReconnectDelay=1000&priorityBackup=true&priorityURIs=stomp://h:1',
    );
    expect(urls.second).toBe(
      'failover:(stomp://h:2,stomp://h:3,stomp://h:1)?randomize=false&maxReconnectDelay=1000&priorityBackup=true&priorityURIs=stomp://h:2',
    );
    expect(urls.producer).toBe(urls.first);
  });

  it('lets producer and one listener of combined prefer the pair, the other the lone broker', () => {
    const urls = clientUrls({ topology: 'combined', nodes });
    expect(urls.producer).toMatch(/^failover:\(stomp:\/\/h:2,stomp:\/\/h:3,stomp:\/\/h:1\)/);
    expect(preferredOf(urls.producer)).toEqual(['stomp://h:2', 'stomp://h:3']);
    expect(preferredOf(urls.second)).toEqual(['stomp://h:2', 'stomp://h:3']);
    expect(preferredOf(urls.first)).toEqual(['stomp://h:1']);
  });
});
