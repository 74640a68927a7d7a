import type { LoggerService } from '@nestjs/common';
import { type Cluster, type ClusterOptions, type ClusterTopology, startCluster } from 'activemq-cluster';

import { CertifyRun } from './certify-run.js';
import { faultPlan } from './fault-plan.js';
import type { LoadOptions } from './load.js';
import type { TopologyResult } from './result.js';

/** What is certified, and how. */
export interface CertifyOptions extends Pick<ClusterOptions, 'nodes' | 'version' | 'locker'> {
  readonly topology: ClusterTopology;
  /** Names of the faults to run, in the plan's order; default all. */
  readonly faults?: readonly string[];
  readonly load?: Partial<LoadOptions>;
  readonly logger?: LoggerService;
  /** Told one line per step. */
  readonly progress: (line: string) => void;
  /** Called before the cluster is taken down, to look at what it leaves behind. */
  readonly inspect?: (cluster: Cluster) => Promise<void>;
}

const LOAD: LoadOptions = { rate: 300, concurrency: 16 };
const SILENT: LoggerService = { log: () => undefined, error: () => undefined, warn: () => undefined, debug: () => undefined };

/**
 * Starts a cluster, puts it under load, and runs its faults one after the other.
 *
 * @throws ClusterError when the cluster cannot be started; RangeError for a fault that the topology does not have
 */
export async function certifyTopology(options: CertifyOptions): Promise<TopologyResult> {
  const { topology, nodes, version, locker, progress, load, logger = SILENT } = options;
  progress(`${topology}: starting`);
  const cluster = await startCluster({ topology, nodes, version, locker, progress, startTimeout: 120_000 });
  try {
    const plan = chosen(faultPlan({ topology, brokers: cluster.nodes.map(({ name }) => name), locker }), options.faults);
    const run = await CertifyRun.start(cluster, { load: { ...LOAD, ...load }, logger, progress });
    try {
      for (const fault of plan) await run.suffer(fault);
    } finally {
      await run.close();
    }
    const faults = run.results;
    return { topology, faults, lost: faults.reduce((sum, { lost }) => sum + lost, 0) };
  } finally {
    await options.inspect?.(cluster);
    await cluster.down();
  }
}

function chosen<Named extends { readonly name: string }>(plan: readonly Named[], names: readonly string[] | undefined): readonly Named[] {
  const unknown = names?.find((name) => !plan.some((fault) => fault.name === name));
  if (unknown !== undefined) {
    throw new RangeError(`There is no fault '${unknown}'; the faults are ${plan.map(({ name }) => name).join(', ')}`);
  }
  return names === undefined ? plan : plan.filter(({ name }) => names.includes(name));
}
