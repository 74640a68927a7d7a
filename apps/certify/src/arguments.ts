import { parseArgs } from 'node:util';

import { type ClusterTopology, type JdbcLocker, TOPOLOGIES } from 'activemq-cluster';

/** The topologies that are certified when none is named, in order: a single broker promises nothing. */
export const CERTIFIED = TOPOLOGIES.filter((topology) => topology !== 'single');

/** What `npm run cluster -- certify` asks for. */
export interface CertifyArguments {
  /** One, or all. */
  readonly topologies: readonly ClusterTopology[];
  readonly json: boolean;
  readonly help: boolean;
  readonly locker?: JdbcLocker;
  readonly version?: string;
  readonly nodes?: number;
  readonly faults?: readonly string[];
  /** Messages a second. */
  readonly rate?: number;
  /** Folder for the logs of brokers and application. */
  readonly logs?: string;
}

/** The command line makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Said for `--help`, and after what is wrong. */
export const USAGE = `Usage: npm run cluster -- certify [topology] [options]

  Puts a cluster under load, kills what can be killed, and counts what is lost. A topology is one of
  ${TOPOLOGIES.join(', ')};
  without one all that this machine can run, single excepted.

  --json              the results as JSON, one line for each topology, at the end
  --locker database   jdbc: a row lock instead of a lease
  --nodes 2..5        shared-file, jdbc, network-*: how many brokers (default 2)
  --version 5.18.3    this ActiveMQ, fetched by Maven (default for replicated-leveldb: 5.16.7)
  --faults a,b        only these
  --rate <n>          messages a second, 1 to 10000 (default 300)
  --logs <folder>     keep the logs of brokers and application there

Exit code 0: nothing was lost, and whatever should go on went on; 1: not so; 2: wrong usage.`;

/**
 * Reads the words after `certify`.
 *
 * @throws UsageError that names the wrong word and what may stand there
 */
export function parseCertifyArguments(words: readonly string[]): CertifyArguments {
  const { values, positionals } = parse(words);
  const [word, further] = positionals;
  if (further !== undefined) throw new UsageError(`'certify' takes one topology, not '${further}' too`);
  const topologies = word === undefined ? CERTIFIED : [topologyOf(word)];
  const { locker } = values;
  if (locker !== undefined && ((locker !== 'lease' && locker !== 'database') || word !== 'jdbc')) {
    throw new UsageError(`--locker '${locker}': only 'certify jdbc' takes it, as lease or database`);
  }
  const faults = values.faults?.split(',').map((name) => name.trim());
  if (faults !== undefined && word === undefined) throw new UsageError('--faults needs a topology: each has faults of its own');
  if (values.version !== undefined && word === undefined) throw new UsageError('--version needs a topology: not all run on one');
  if (values.nodes !== undefined && word === undefined) throw new UsageError('--nodes needs a topology');
  return {
    topologies,
    json: values.json ?? false,
    help: values.help ?? false,
    locker,
    version: values.version,
    nodes: values.nodes === undefined ? undefined : number('nodes', values.nodes, 5),
    faults,
    rate: values.rate === undefined ? undefined : number('rate', values.rate, 10_000),
    logs: values.logs,
  };
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { json: flag, help: flag, locker: text, version: text, nodes: text, faults: text, rate: text, logs: text },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function topologyOf(word: string): ClusterTopology {
  const found = TOPOLOGIES.find((name) => name === word);
  if (found === undefined) throw new UsageError(`there is no topology '${word}'; 'certify' takes ${TOPOLOGIES.join(', ')}`);
  return found;
}

function number(name: string, text: string, most: number): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) throw new UsageError(`--${name} is ${JSON.stringify(text)}; it must be a whole number from 1 to ${most}`);
  return value;
}
