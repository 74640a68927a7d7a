import { parseArgs, type ParseArgsConfig } from 'node:util';
import { BROKER_PRODUCTS, type BrokerProduct, PORT_PLANS, type PortPlan } from '../cluster-options.js';
import type { DeadLetterPolicy } from '../config/dead-letter-policy.js';
import type { JdbcLocker } from '../config/store-options.js';
import { type ClusterTopology, TOPOLOGIES, traitsOf } from '../topologies.js';
import { DEAD_LETTER_OPTIONS, DEAD_LETTER_USAGE, deadLetterPolicy } from './dead-letter-options.js';
import { UsageError } from './usage-error.js';

/** What the command line asks for. */
export type CliCommand =
  | { readonly command: 'help' }
  | { readonly command: 'install'; readonly version?: string }
  | {
      readonly command: 'up';
      readonly name: string;
      readonly topology: ClusterTopology;
      readonly nodes?: number;
      readonly version?: string;
      readonly locker?: JdbcLocker;
      readonly product?: BrokerProduct;
      readonly partitionable?: boolean;
      readonly portPlan?: PortPlan;
      readonly deadLetter?: DeadLetterPolicy;
    }
  | {
      readonly command: 'export';
      readonly topology: ClusterTopology;
      readonly dir: string;
      readonly nodes?: number;
      readonly version?: string;
      readonly locker?: JdbcLocker;
    }
  | { readonly command: 'status'; readonly name: string; readonly json: boolean }
  | { readonly command: 'watch'; readonly name: string }
  | { readonly command: 'down'; readonly name: string }
  | { readonly command: 'kill-master'; readonly name: string }
  | { readonly command: 'kill' | 'stop' | 'pause' | 'resume' | 'start'; readonly name: string; readonly node: string }
  | { readonly command: 'partition'; readonly name: string; readonly node: string; readonly from?: readonly string[] }
  | { readonly command: 'heal'; readonly name: string; readonly node: string }
  | { readonly command: 'logs'; readonly name: string; readonly node: string; readonly follow: boolean };

export { UsageError } from './usage-error.js';

export const USAGE = `Usage: npm run cluster -- <command>

  up <topology>             start real ActiveMQ brokers on 127.0.0.1, and what they stand on:
     single                 one broker
     shared-file            master and slaves on one KahaDB folder
     jdbc                   master and slaves on one PostgreSQL database
     network-static         brokers that forward messages to each other, by a list
     network-multicast      the same, but they discover each other
     combined               broker1 networked with broker2 and broker3, a master and its slave
     replicated-leveldb     three brokers, three ZooKeepers; ActiveMQ 5.9 to 5.16
     [--nodes 2..5]         shared-file, jdbc, network-*: how many brokers (default 2)
     [--version 5.18.3]     this ActiveMQ, fetched by Maven
     [--product artemis]    single: ActiveMQ Artemis, fetched by Maven
     [--locker database]    jdbc: a row lock instead of a lease
     [--ports documented]   61616, 61617, ... as in the tutorials, if they are free
     [--partitionable]      each node in a network namespace of its own (root), for partition
${DEAD_LETTER_USAGE}
  status [--json]           role, process id, ports of each node, what it waits for
  watch                     the same, drawn anew each second until Ctrl-C
  kill-master               kill -9 of the master
  kill|stop|start <node>    kill -9, SIGTERM, start again on the old ports;
  pause|resume <node>       SIGSTOP, SIGCONT; a node is a broker, 'database', 'zookeeper1' ...
  partition <node>          drop all its packets, or those between it and other nodes
     [--from clients,broker2,database]
  heal <node>               let them pass again
  logs <node> [--follow]    its log
  down                      end all, remove their data
  export <topology>         write its configuration and a Docker Compose file, start nothing
     --dir <folder>         [--nodes] [--version] [--locker] as for up
  install [--version v]     only find or install ActiveMQ
  certify <topology>        kill and cut its parts while messages flow, and print what was lost; see docs/certify.md
  share <topology>          how a network of brokers shares the messages of one queue

  --name <name>             which cluster, when there are several (default 'default')`;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
type Options = NonNullable<ParseArgsConfig['options']>;
const name = { name: { type: 'string' } } as const satisfies Options;

/** What each command takes: its options, and the word that must follow it. */
const COMMANDS: Readonly<Record<string, { readonly options: Options; readonly word?: string }>> = {
  up: {
    options: {
      ...name,
      nodes: { type: 'string' },
      version: { type: 'string' },
      locker: { type: 'string' },
      partitionable: { type: 'boolean' },
      ports: { type: 'string' },
      product: { type: 'string' },
      ...DEAD_LETTER_OPTIONS,
    },
    word: `a topology: ${TOPOLOGIES.join(', ')}`,
  },
  export: {
    options: { dir: { type: 'string' }, nodes: { type: 'string' }, version: { type: 'string' }, locker: { type: 'string' } },
    word: `a topology: ${TOPOLOGIES.join(', ')}`,
  },
  status: { options: { ...name, json: { type: 'boolean' } } },
  watch: { options: name },
  'kill-master': { options: name },
  kill: { options: name, word: 'a node, such as broker1' },
  stop: { options: name, word: 'a node, such as broker1' },
  pause: { options: name, word: 'a node, such as broker1' },
  resume: { options: name, word: 'a node, such as broker1' },
  start: { options: name, word: 'a node, such as broker1' },
  partition: { options: { ...name, from: { type: 'string' } }, word: 'a node, such as broker1' },
  heal: { options: name, word: 'a node, such as broker1' },
  logs: { options: { ...name, follow: { type: 'boolean', short: 'f' } }, word: 'a node, such as broker1' },
  down: { options: name },
  install: { options: { version: { type: 'string' } } },
};

/** Reads the words after the program's name. Throws a UsageError that names the wrong word and what may stand there. */
export function parseCliArguments(words: readonly string[]): CliCommand {
  const [command, ...rest] = words;
  if (command === undefined || command === 'help' || words.includes('--help') || words.includes('-h')) {
    return { command: 'help' };
  }
  const definition = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!definition) {
    throw new UsageError(`unknown command '${command}'; the commands are ${[...Object.keys(COMMANDS), 'certify', 'share'].join(', ')}`);
  }
  const { values, positionals } = parse(command, rest, definition.options);
  const expected = definition.word === undefined ? 0 : 1;
  if (positionals.length < expected) {
    throw new UsageError(`'${command}' needs ${definition.word}`);
  }
  if (positionals.length > expected) {
    throw new UsageError(`'${command}' does not take '${positionals[expected]}'`);
  }
  return assemble(command, text(values['name']), positionals[0] ?? '', values);
}

function parse(command: string, args: string[], options: Options): { values: Readonly<Record<string, unknown>>; positionals: string[] } {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const allowed = Object.keys(options).map((option) => `--${option}`);
    // Node goes on to explain how to write an argument that begins with a dash.
    const [why] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(`'${command}': ${why}; its options are ${allowed.join(', ')}`, { cause: error });
  }
}

function assemble(command: string, clusterName = 'default', word: string, values: Readonly<Record<string, unknown>>): CliCommand {
  if (!NAME.test(clusterName)) {
    throw new UsageError(`--name '${clusterName}' is not a name: up to 32 letters, digits, _ and -`);
  }
  switch (command) {
    case 'up':
      return {
        command,
        name: clusterName,
        topology: topology(word),
        nodes: nodes(text(values['nodes']), topology(word)),
        version: text(values['version']),
        locker: locker(text(values['locker']), word),
        ...(values['product'] !== undefined && { product: product(text(values['product']), word) }),
        ...(values['partitionable'] === true && { partitionable: true }),
        ...(values['ports'] !== undefined && { portPlan: portPlan(text(values['ports'])) }),
        ...withDeadLetter(deadLetterPolicy(values)),
      };
    case 'export':
      return {
        command,
        topology: topology(word),
        dir: required(text(values['dir']), '--dir', 'a folder, new or empty'),
        nodes: nodes(text(values['nodes']), topology(word)),
        version: text(values['version']),
        locker: locker(text(values['locker']), word),
      };
    case 'install':
      return { command, version: text(values['version']) };
    case 'status':
      return { command, name: clusterName, json: values['json'] === true };
    case 'logs':
      return { command, name: clusterName, node: word, follow: values['follow'] === true };
    case 'partition':
      return { command, name: clusterName, node: word, from: text(values['from'])?.split(',') };
    case 'heal':
    case 'kill':
    case 'stop':
    case 'pause':
    case 'resume':
    case 'start':
      return { command, name: clusterName, node: word };
    case 'kill-master':
    case 'watch':
      return { command, name: clusterName };
    case 'down':
      return { command, name: clusterName };
    default:
      throw new UsageError(`unknown command '${command}'`);
  }
}

function product(value: string | undefined, chosen: string): BrokerProduct {
  const found = BROKER_PRODUCTS.find((known) => known === value);
  if (!found || (found === 'artemis' && chosen !== 'single')) {
    throw new UsageError(`--product '${value}': it takes ${BROKER_PRODUCTS.join(' or ')}, artemis only as single`);
  }
  return found;
}

function portPlan(value: string | undefined): PortPlan {
  const found = PORT_PLANS.find((known) => known === value);
  if (!found) {
    throw new UsageError(`--ports '${value}': it takes ${PORT_PLANS.join(' or ')}`);
  }
  return found;
}

function required(value: string | undefined, option: string, what: string): string {
  if (value === undefined || value === '') {
    throw new UsageError(`'export' needs ${option} with ${what}`);
  }
  return value;
}

function topology(word: string): ClusterTopology {
  const found = TOPOLOGIES.find((known) => known === word);
  if (!found) {
    throw new UsageError(`there is no topology '${word}'; 'up' takes ${TOPOLOGIES.join(', ')}`);
  }
  return found;
}

function nodes(value: string | undefined, chosen: ClusterTopology): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const [least, , most] = traitsOf(chosen).nodes;
  const number = /^\d$/.test(value) ? Number(value) : 0;
  if (number < least || number > most) {
    throw new UsageError(`--nodes '${value}': ${chosen} takes ${least === most ? least : `${least} to ${most}`}`);
  }
  return number;
}

function locker(value: string | undefined, chosen: string): JdbcLocker | undefined {
  if (value === undefined || (chosen === 'jdbc' && (value === 'lease' || value === 'database'))) {
    return value;
  }
  throw new UsageError(`--locker '${value}': only jdbc takes it, as lease or database`);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function withDeadLetter(policy: DeadLetterPolicy | undefined): { readonly deadLetter?: DeadLetterPolicy } {
  return policy ? { deadLetter: policy } : {};
}
