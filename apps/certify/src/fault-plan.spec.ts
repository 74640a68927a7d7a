import { describe, expect, it } from 'vitest';

import { faultPlan, type PlannedCluster } from './fault-plan.js';

const plan = (topology: PlannedCluster['topology'], changes: Partial<PlannedCluster> = {}) =>
  faultPlan({ topology, brokers: ['broker1', 'broker2', 'broker3'], ...changes });

describe('faultPlan', () => {
  it.each(['single', 'shared-file', 'jdbc', 'network-static', 'network-multicast', 'combined', 'replicated-leveldb'] as const)(
    'has faults of different names for %s, each with somebody to hit',
    (topology) => {
      const faults = plan(topology);
      expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
      expect(faults.every(({ targets }) => targets.length > 0)).toBe(true);
      expect(faults.map(({ action }) => action)).toEqual(expect.arrayContaining(['kill', 'stop', 'pause']));
    },
  );

  it('expects a paused master to be replaced where its right runs out, and only there', () => {
    const survives = (topology: PlannedCluster['topology'], locker?: PlannedCluster['locker']) =>
      plan(topology, { locker }).find(({ name }) => name === 'pause-master')?.survives;
    expect(survives('shared-file')).toBe(false);
    expect(survives('jdbc')).toBe(true);
    expect(survives('jdbc', 'lease')).toBe(true);
    expect(survives('jdbc', 'database')).toBe(false);
    expect(plan('shared-file').find(({ name }) => name === 'partition-master')?.survives).toBe(false);
  });

  it('expects no service without the database, the ZooKeeper quorum, or two of three replicas', () => {
    const endured = [...plan('jdbc'), ...plan('replicated-leveldb')].filter(({ survives }) => !survives).map(({ name }) => name);
    expect(endured).toEqual(['stop-database', 'kill-database', 'pause-database', 'kill-zookeeper-quorum', 'kill-two-of-three']);
  });

  it('kills each of A, B and C of combined in turn', () => {
    const [a, b, c] = plan('combined');
    expect([a, b, c].map((fault) => fault?.targets)).toEqual([['broker1'], ['broker2'], ['broker3']]);
  });

  it('kills every broker of a network while messages lie in it', () => {
    const withBacklog = plan('network-static').filter(({ backlog }) => backlog > 0);
    expect(withBacklog.map(({ targets }) => targets)).toEqual([['broker1'], ['broker2'], ['broker3']]);
  });
});
