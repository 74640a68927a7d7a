import { join } from 'node:path';

import { ClusterError, type ClusterTopology } from 'activemq-cluster';

import { type CertifyArguments, parseCertifyArguments, USAGE } from './arguments.js';
import { certifyTopology } from './certify-topology.js';
import { KeptLogs } from './keep-logs.js';
import { isKept, jsonLine, tableOf, type TopologyResult } from './result.js';
import type { ScriptOutput } from './script.js';

/** The last ActiveMQ with a replicated LevelDB store. */
const LAST_LEVELDB = '5.16.7';
/** What a machine lacks, not what a cluster did. */
const LACKS: readonly string[] = ['NO_BROKER', 'NO_DATABASE', 'NO_MULTICAST'];

/** Runs `certify`. Resolves with the exit code: 0 every promise was kept, 1 not. Throws a UsageError when the command line makes no sense. */
export async function runCertify(words: readonly string[], output: ScriptOutput): Promise<number> {
  const options = parseCertifyArguments(words);
  if (!options.help) return certify(options, output);
  output.out(USAGE);
  return 0;
}

async function certify(options: CertifyArguments, output: ScriptOutput): Promise<number> {
  const results: TopologyResult[] = [];
  const failures: string[] = [];
  const skipped: string[] = [];
  for (const topology of options.topologies) {
    try {
      results.push(await certifyOne(topology, options, output));
    } catch (error) {
      const isLack = error instanceof ClusterError && LACKS.includes(error.code);
      const reason = `${topology} was not certified: ${error instanceof Error ? error.message : String(error)}`;
      (isLack && options.topologies.length > 1 ? skipped : failures).push(reason);
      output.err(reason);
    }
  }
  const line = options.json ? jsonLine : (result: TopologyResult) => `${tableOf(result)}\n`;
  // Once more, where it is not overlooked.
  for (const reason of [...skipped, ...failures]) output.err(reason);
  for (const result of results) output.out(line(result));
  return failures.length === 0 && results.every(isKept) ? 0 : 1;
}

async function certifyOne(topology: ClusterTopology, options: CertifyArguments, output: ScriptOutput): Promise<TopologyResult> {
  const logs = options.logs === undefined ? undefined : await KeptLogs.in(join(options.logs, topology));
  try {
    return await certifyTopology({
      topology,
      nodes: options.nodes,
      version: options.version ?? (topology === 'replicated-leveldb' ? LAST_LEVELDB : undefined),
      locker: options.locker,
      faults: options.faults,
      load: options.rate === undefined ? undefined : { rate: options.rate },
      logger: logs?.logger,
      progress: (line) => {
        logs?.note(line);
        output.err(line);
      },
      inspect: async (cluster) => logs?.copyFrom(cluster),
    });
  } finally {
    await logs?.close();
  }
}
