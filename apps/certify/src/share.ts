import type { LoggerService } from '@nestjs/common';
import { startCluster } from 'activemq-cluster';

import type { ShareResult } from './share-result.js';
import { ShareRun } from './share-run.js';

const SILENT: LoggerService = { log: () => undefined, error: () => undefined, warn: () => undefined, debug: () => undefined };

/** The topologies whose brokers are equals. */
export const SHARING = ['network-static', 'network-multicast'] as const;

/** What is shared, and how much of it. */
export interface ShareOptions {
  readonly topology: (typeof SHARING)[number];
  /** For each act. */
  readonly messages: number;
  /** Told one line per step. */
  readonly progress: (line: string) => void;
}

/**
 * Produces at one broker of a network and consumes at the other, then at both, then while one of them dies.
 *
 * @throws ClusterError when the network cannot be started; SendError when a send is not confirmed within 30 s
 */
export async function share({ topology, messages, progress }: ShareOptions): Promise<ShareResult> {
  progress(`${topology}: starting`);
  const network = await startCluster({ topology, progress, startTimeout: 120_000 });
  try {
    const run = await ShareRun.start(network, messages, SILENT);
    try {
      progress(`${messages} messages, sent at broker1, handled at broker2`);
      const forwarded = await run.forward();
      progress(`${messages} messages, sent at broker1, handled at both`);
      const shared = await run.share();
      progress(`${messages} messages, sent at broker1, handled at both; broker2 is killed`);
      const acts = [forwarded, shared, await run.kill()];
      return { topology, messages, acts, lost: acts.reduce((sum, { lost }) => sum + lost, 0) };
    } finally {
      await run.close();
    }
  } finally {
    await network.down();
  }
}
