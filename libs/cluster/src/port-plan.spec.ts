import { describe, expect, it } from 'vitest';
import { documentedPorts, documentedZooKeeperPorts } from './port-plan.js';

describe('the ports of the tutorials', () => {
  it('count OpenWire and replication up by one, as those do', () => {
    const ports = [0, 1, 2].map((index) => documentedPorts(index, ['stomp', 'openwire', 'replication']));
    expect(ports.map(({ openwire }) => openwire)).toEqual([61_616, 61_617, 61_618]);
    expect(ports.map((own) => own['replication'])).toEqual([63_631, 63_632, 63_633]);
    expect([0, 1, 2].map((index) => documentedZooKeeperPorts(index).client)).toEqual([2_181, 2_182, 2_183]);
  });

  it('are different ones for five brokers with further connectors', () => {
    const all = [0, 1, 2, 3, 4].flatMap((index) => Object.values(documentedPorts(index, ['stomp', 'openwire', 'tls', 'nio'])));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(20);
  });
});
