import { ZK_PATH } from '../plan.js';
import type { Endpoint } from './ask.js';
import { readChildren } from './zookeeper-tree.js';

/** One broker of a replicated LevelDB store, as ZooKeeper knows it. */
export interface ReplicaStatus {
  /** Its sequential node, such as `00000000002`. */
  readonly member: string;
  /** Whether it is the elected master: the documents look for `elected` not null. */
  readonly elected: boolean;
  /** Where the master serves its slaves; only the master has one. */
  readonly address?: string;
  /** How far it has written the log, in bytes; -1 as long as it has not said. */
  readonly position?: number;
}

/** Asks the ZooKeepers in turn for the replicas; undefined when none has a quorum. */
export async function readReplicas(ensemble: readonly Endpoint[]): Promise<ReplicaStatus[] | undefined> {
  for (const zooKeeper of ensemble) {
    const children = await readChildren(zooKeeper, ZK_PATH);
    if (children) {
      return [...children].map(([member, data]) => replicaOf(member, data)).toSorted((a, b) => a.member.localeCompare(b.member));
    }
  }
  return undefined;
}

function replicaOf(member: string, data: string): ReplicaStatus {
  const { elected, address, position } = fieldsOf(data);
  return {
    member,
    elected: typeof elected === 'string',
    ...(typeof address === 'string' && { address }),
    ...(typeof position === 'number' && { position }),
  };
}

/** A broker that has just joined has not written its part yet. */
function fieldsOf(data: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(data);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) {
      return {};
    }
    throw error;
  }
}
