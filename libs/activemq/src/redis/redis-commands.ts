import type { RedisScript } from './scripts.js';

/** How the store's keys are spread. */
export type RedisTopology = 'single' | 'cluster';

/** What the store needs of a Redis client, whichever it is. Rejections are the client's own errors. */
export interface RedisCommands {
  readonly topology: RedisTopology;
  /** What of the client's own options lets duplicates pass; told at start-up. */
  readonly doubts: readonly string[];
  /** Runs a script by its name, and by its source where Redis does not know it. */
  run(script: RedisScript, key: string, args: readonly string[]): Promise<unknown>;
  /** Asks the server, and every master of a cluster. */
  ping(): Promise<unknown>;
  /** A section of INFO; of every master, when there are several. */
  info(section: string): Promise<readonly string[]>;
  /** CLUSTER INFO of one master of a cluster. */
  clusterInfo(): Promise<string>;
}

/** EVALSHA, and EVAL when the script is unknown: a new master, a node after resharding, SCRIPT FLUSH. Never SCRIPT LOAD, which reaches one node only. */
export async function evalShaOrSource<T>(bySha: () => Promise<T>, bySource: () => Promise<T>): Promise<T> {
  try {
    return await bySha();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return bySource();
    throw error;
  }
}
