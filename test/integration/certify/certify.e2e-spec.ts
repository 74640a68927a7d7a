import { describe, expect, it } from 'vitest';

import { certifyTopology } from '../../../apps/certify/src/certify-topology.js';
import { isKept } from '../../../apps/certify/src/result.js';

/** One kill for each kind of cluster; `certify.nightly-spec.ts` has all faults of all topologies. */
describe('certify', { timeout: 180_000 }, () => {
  it.each([
    { topology: 'shared-file', fault: 'kill-master', master: 'broker2' },
    { topology: 'jdbc', fault: 'kill-master', master: 'broker2' },
    { topology: 'network-static', fault: 'kill-broker1-with-backlog', master: 'broker2' },
  ] as const)('finds nothing lost in $topology after $fault', async ({ topology, fault, master }) => {
    const said: string[] = [];
    const result = await certifyTopology({ topology, faults: [fault], progress: (line) => said.push(line) });
    // With what was said, so that a failure shows it.
    expect({ isKept: isKept(result), said }).toMatchObject({ isKept: true });
    expect(result).toMatchObject({ topology, lost: 0, faults: [{ fault, lost: 0, master }] });
    const [counts] = result.faults;
    expect(counts?.confirmed).toBeGreaterThanOrEqual(150);
    expect(counts?.handled).toBe(counts?.confirmed);
  });

  it('refuses a fault that the topology does not have, and names those it has', async () => {
    const refused = certifyTopology({ topology: 'single', faults: ['kill-database'], progress: () => undefined });
    await expect(refused).rejects.toThrow("no fault 'kill-database'; the faults are kill-master, stop-master, pause-master");
  });
});
