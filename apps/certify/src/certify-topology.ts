import type { LoggerService } from '@nestjs/common';
import { type Cluster, ClusterError, type ClusterOptions, type ClusterTopology, startCluster } from 'activemq-cluster';

import { CertifyRun } from './certify-run.js';
import type { Fault } from './fault.js';
import { faultPlan } from './fault-plan.js';
import type { LoadOptions } from './load.js';
import type { FaultResult, TopologyResult } from './result.js';

/** What is certified, and how. */
export interface CertifyOptions extends Pick<ClusterOptions, 'nodes' | 'version' | 'locker'> {
  readonly topology: ClusterTopology;
  /** Names of the faults to run, in the plan's order; default all. */
  readonly faults?: readonly string[];
  readonly load?: Partial<LoadOptions>;
  readonly logger?: LoggerService;
  /** Told one line per step. */
  readonly progress: (line: string) => void;
  /** Called before a cluster is taken down, to look at what it leaves behind. */
  readonly inspect?: (cluster: Cluster) => Promise<void>;
}

const LOAD: LoadOptions = { rate: 300, concurrency: 16 };
const SILENT: LoggerService = { log: () => undefined, error: () => undefined, warn: () => undefined, debug: () => undefined };
/** ms a broker waits for an answer of its database: without it, one that is cut off believes for minutes that it is master. */
const DATABASE_TIMEOUT = 5_000;

/**
 * Starts a cluster, puts it under load, and runs its faults one after the other; on a fresh cluster after a fault that broke it for good.
 *
 * @throws ClusterError when the cluster cannot be started; RangeError for a fault that the topology does not have
 */
export async function certifyTopology(options: CertifyOptions): Promise<TopologyResult> {
  const results: FaultResult[] = [];
  for (let plan: readonly Fault[] | undefined; plan === undefined || results.length < plan.length;) {
    const cluster = await start(options);
    try {
      plan ??= planOf(cluster, options);
      results.push(...(await runOn(cluster, plan.slice(results.length), options)));
    } finally {
      await options.inspect?.(cluster);
      await cluster.down();
    }
  }
  return { topology: options.topology, faults: results, lost: results.reduce((sum, { lost }) => sum + lost, 0) };
}

/** Runs faults until one breaks the cluster. */
async function runOn(
  cluster: Cluster,
  faults: readonly Fault[],
  { load, logger = SILENT, progress }: CertifyOptions,
): Promise<readonly FaultResult[]> {
  const run = await CertifyRun.start(cluster, { load: { ...LOAD, ...load }, logger, progress });
  try {
    for (const fault of faults) {
      if (!(await run.suffer(fault))) break;
    }
  } finally {
    await run.close();
  }
  return run.results;
}

async function start({ topology, nodes, version, locker, faults, progress }: CertifyOptions): Promise<Cluster> {
  progress(`${topology}: starting`);
  const databaseTimeout = topology === 'jdbc' ? DATABASE_TIMEOUT : undefined;
  const common = { topology, nodes, version, locker, databaseTimeout, progress, startTimeout: 120_000 };
  const isPartitioned = faults?.some((name) => name.startsWith('partition-')) ?? true;
  if (topology === 'network-multicast' || !isPartitioned) return startCluster(common);
  try {
    return await startCluster({ ...common, partitionable: true });
  } catch (error) {
    if (!(error instanceof ClusterError) || error.code !== 'NO_NAMESPACES') throw error;
    progress(`${topology}: nothing is partitioned: ${error.message}`);
    return startCluster(common);
  }
}

function planOf(cluster: Cluster, { topology, locker, faults: names }: CertifyOptions): readonly Fault[] {
  const plan = faultPlan({ topology, brokers: cluster.nodes.map(({ name }) => name), locker });
  const unknown = names?.find((name) => !plan.some((fault) => fault.name === name));
  if (unknown !== undefined) {
    throw new RangeError(`There is no fault '${unknown}'; the faults are ${plan.map(({ name }) => name).join(', ')}`);
  }
  const isPartitionable = cluster.description.subnet !== undefined;
  return plan.filter(({ name, action }) => (names?.includes(name) ?? true) && (isPartitionable || action !== 'partition'));
}
