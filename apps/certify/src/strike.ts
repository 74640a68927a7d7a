import { setTimeout as delay } from 'node:timers/promises';

import type { Cluster } from 'activemq-cluster';

import type { Fault, FaultTarget } from './fault.js';

/** ms between two looks at a cluster that is on its way. */
const LOOK_INTERVAL = 100;

/** Does to the cluster what the fault says; resolves with the names of those it hit, once it is done. */
export async function strike(cluster: Cluster, { action, targets }: Fault): Promise<readonly string[]> {
  // All are found before the first is hit: a slave may be master a moment later.
  const names = (await Promise.all(targets.map((target) => namesOf(cluster, target)))).flat();
  await Promise.all(names.map((name) => cluster[action](name)));
  return names;
}

/**
 * Undoes a fault as whoever runs the cluster would: goes on with what is paused, starts whatever is not running; resolves with the names of
 * all it started once each process does its part again.
 *
 * @throws Error when they do not within `timeout` ms
 */
export async function restore(cluster: Cluster, { action }: Fault, names: readonly string[], timeout: number): Promise<readonly string[]> {
  const deadline = performance.now() + timeout;
  if (action === 'pause') await Promise.all(names.map((name) => cluster.resume(name)));
  const started: string[] = [];
  for (;;) {
    const [services, nodes] = await Promise.all([cluster.serviceStatus(), cluster.status()]);
    const all = [...services, ...nodes];
    if (all.every(({ state }) => state !== 'stopped' && state !== 'starting')) break;
    if (performance.now() > deadline) {
      throw new Error(
        `The cluster is not whole ${timeout} ms after the fault: ${all.map(({ name, state }) => `${name} is ${state}`).join(', ')}`,
      );
    }
    for (const group of [services, nodes]) {
      const stopped = group.filter(({ state }) => state === 'stopped').map(({ name }) => name);
      started.push(...stopped);
      await Promise.all(stopped.map((name) => cluster.start(name)));
    }
    await delay(LOOK_INTERVAL);
  }
  await cluster.waitUntilComplete(Math.max(1, deadline - performance.now()));
  return started;
}

async function namesOf(cluster: Cluster, target: FaultTarget): Promise<readonly string[]> {
  switch (target) {
    case 'master':
      return [(await cluster.waitForMaster()).name];
    case 'slave':
      return [
        oneOf(
          (await cluster.status()).filter(({ state }) => state === 'slave'),
          target,
        ).name,
      ];
    case 'zookeeper-leader':
      return [
        oneOf(
          (await cluster.serviceStatus()).filter(({ role }) => role === 'leader'),
          target,
        ).name,
      ];
    case 'zookeeper-quorum': {
      const members = await cluster.serviceStatus();
      // A majority, so that what is left is none.
      return members.slice(0, Math.floor(members.length / 2) + 1).map(({ name }) => name);
    }
    default:
      return [target];
  }
}

function oneOf<Member>(members: readonly Member[], target: string): Member {
  const [member] = members;
  if (member === undefined) throw new Error(`The cluster has no ${target} that the fault could hit`);
  return member;
}
