import type { Cluster } from 'activemq-cluster';

import type { Fault, FaultTarget } from './fault.js';

/** The names of those that a fault hits, by what they are at this moment. */
export async function victimsOf(cluster: Cluster, { targets }: Fault): Promise<readonly string[]> {
  return (await Promise.all(targets.map((target) => namesOf(cluster, target)))).flat();
}

/** Does to them what the fault says; resolves once it is done. */
export async function strike(cluster: Cluster, { action, from }: Fault, victims: readonly string[]): Promise<void> {
  await Promise.all(victims.map((name) => (action === 'partition' ? cluster.partition(name, { from }) : cluster[action](name))));
}

/** Undoes it, but for what is stopped: that is the supervisor's. */
export async function relent(cluster: Cluster, { action }: Fault, victims: readonly string[]): Promise<void> {
  if (action === 'pause') await Promise.all(victims.map((name) => cluster.resume(name)));
  if (action === 'partition') await cluster.heal();
}

async function namesOf(cluster: Cluster, target: FaultTarget): Promise<readonly string[]> {
  if (target === 'master') return [(await cluster.waitForMaster()).name];
  if (target === 'slave')
    return [
      oneOf(
        (await cluster.status()).filter(({ state }) => state === 'slave'),
        target,
      ).name,
    ];
  if (target === 'zookeeper-leader')
    return [
      oneOf(
        (await cluster.serviceStatus()).filter(({ role }) => role === 'leader'),
        target,
      ).name,
    ];
  if (target !== 'zookeeper-quorum') return [target];
  const members = await cluster.serviceStatus();
  // A majority, so that what is left is none.
  return members.slice(0, Math.floor(members.length / 2) + 1).map(({ name }) => name);
}

function oneOf<Member>(members: readonly Member[], target: string): Member {
  const [member] = members;
  if (member === undefined) throw new Error(`The cluster has no ${target} that the fault could hit`);
  return member;
}
