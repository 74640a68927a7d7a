import { describe, expect, it } from 'vitest';

import { certifyTopology, type CertifyOptions } from '../../../apps/certify/src/certify-topology.js';
import { isKept } from '../../../apps/certify/src/result.js';
import { share } from '../../../apps/certify/src/share.js';

const TIMEOUT = 20 * 60_000;

describe('certify, every fault', { timeout: TIMEOUT }, () => {
  it.each<Pick<CertifyOptions, 'topology' | 'locker' | 'version'>>([
    { topology: 'shared-file' },
    { topology: 'jdbc', locker: 'lease' },
    { topology: 'jdbc', locker: 'database' },
    { topology: 'network-static' },
    { topology: 'network-multicast' },
    { topology: 'combined' },
    { topology: 'replicated-leveldb', version: '5.16.7' },
  ])('finds nothing lost in $topology $locker', async (options) => {
    const said: string[] = [];
    const result = await certifyTopology({ ...options, progress: (line) => said.push(line) });
    expect({ isKept: isKept(result), said }).toMatchObject({ isKept: true });
  });
});

describe('share', { timeout: TIMEOUT }, () => {
  it.each(['network-static', 'network-multicast'] as const)(
    'forwards and shares 10 000 messages in %s, and a broker may die',
    async (topology) => {
      const messages = 10_000;
      const { acts, lost } = await share({ topology, messages, progress: () => undefined });
      expect(lost).toBe(0);
      const [forwarded, shared, killed] = acts;
      expect(forwarded).toMatchObject({ confirmed: messages, handled: messages, atBroker1: 0 });
      expect(shared).toMatchObject({ confirmed: messages, handled: messages });
      expect(shared?.atBroker1).toBeGreaterThan(messages / 10);
      expect(shared?.atBroker2).toBeGreaterThan(messages / 10);
      expect(killed).toMatchObject({ confirmed: messages, handled: messages });
    },
  );
});
