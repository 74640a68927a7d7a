import { parseArgs } from 'node:util';

import { type ClusterTopology, TOPOLOGIES } from 'activemq-cluster';

/** What the command line of the demo asks for. */
export interface DemoArguments {
  /** A topology to start, or the URL of brokers that run already. */
  readonly broker: 'vm' | ClusterTopology | { readonly url: string };
  readonly messages: number;
  /** Messages per second; absent: unlimited. */
  readonly rate?: number;
  readonly killMaster: boolean;
  readonly killConsumer: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** The command line makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Said for `--help`, and after what is wrong. */
export const USAGE = `Usage: npm run demo -- [options]

  --broker vm|<topology>|<url>       what to run on: embedded brokers, a master with a slave, in the demo's process; real
                                     ActiveMQ brokers, started for the run: ${TOPOLOGIES.slice(0, 3).join(', ')},
                                     ${TOPOLOGIES.slice(3).join(', ')};
                                     or brokers that run already, e.g. 'failover:(stomp://a:61613,stomp://b:61613)'
                                     (default vm)
  --messages <n>                     how many, 1 to 1000000 (default 5)
  --rate <n>                         per second, 1 to 1000000 (default: as fast as the broker confirms)
  --kill-master                      kill -9 of the master when half is handled; only of brokers started for the run
                                     (single, network-*: of the broker that serves the demo; it is started again)
  --kill-consumer                    kill -9 of the consumer's process when half is handled (with --kill-master: three
                                     quarters), and start it again
  --json                             the result as JSON, on the last line

Exit code 0: every message was confirmed, and every confirmed one handled; 1: not so; 2: wrong usage.`;

const MOST = 1_000_000;

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown option, a bad number, or a kill of somebody else's broker
 */
export function parseDemoArguments(words: readonly string[]): DemoArguments {
  const values = parse(words);
  const broker = brokerOf(values.broker ?? 'vm');
  const killMaster = values['kill-master'] ?? false;
  if (killMaster && typeof broker === 'object') {
    throw new UsageError('--kill-master kills only brokers that the demo has started: give --broker vm or a topology with it');
  }
  if (values['kill-consumer'] && broker === 'vm') {
    throw new UsageError(
      '--kill-consumer needs a broker that both processes reach: give --broker and a topology, such as shared-file, with it',
    );
  }
  return {
    broker,
    messages: values.messages === undefined ? 5 : number('messages', values.messages),
    rate: values.rate === undefined ? undefined : number('rate', values.rate),
    killMaster,
    killConsumer: values['kill-consumer'] ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        broker: { type: 'string' },
        messages: { type: 'string' },
        rate: { type: 'string' },
        'kill-master': { type: 'boolean' },
        'kill-consumer': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function brokerOf(text: string): DemoArguments['broker'] {
  if (text === 'vm') return text;
  const topology = TOPOLOGIES.find((known) => known === text);
  if (topology) return topology;
  // A URL may hold a password: it is not repeated.
  if (!/^[a-z][a-z0-9+]*:/i.test(text))
    throw new UsageError(`--broker must be vm, ${TOPOLOGIES.join(', ')} or a broker URL such as stomp://localhost:61613`);
  return { url: text };
}

function number(name: string, text: string): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MOST) throw new UsageError(`--${name} is ${JSON.stringify(text)}; it must be a whole number from 1 to ${MOST}`);
  return value;
}
