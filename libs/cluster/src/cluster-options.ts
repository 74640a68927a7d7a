import type { BrokerOptions } from './config/broker-options.js';
import { ClusterError } from './errors.js';
import type { ProbeCredentials } from './stomp-probe.js';

/** `single`: one broker. `shared-file`: master and slaves on one KahaDB folder; slaves keep their ports closed until they own its lock. */
export type ClusterTopology = 'single' | 'shared-file';

/** The topologies there are. */
export const TOPOLOGIES: readonly ClusterTopology[] = ['single', 'shared-file'];

/** What `startCluster` starts. */
export interface ClusterOptions {
  readonly topology: ClusterTopology;
  /** Default 1 for `single` (nothing else is possible there), 2 for `shared-file` (2 to 5). */
  readonly nodes?: number;
  /** Exact ActiveMQ version, such as `5.18.3`; default `ACTIVEMQ_VERSION`, else what the machine has. */
  readonly version?: string;
  /** What kind of broker; default a stock one. */
  readonly broker?: BrokerOptions;
  /** What the start-up probe logs in with; default the first of `broker.users`. */
  readonly credentials?: ProbeCredentials;
  /** Further JVM options; a later `-Xmx` wins over the default of 256 MB. */
  readonly jvmOptions?: readonly string[];
  /** ms a node may take until it is master or slave; default 60 000. */
  readonly startTimeout?: number;
  /** ms between a slave's tries to lock the store; default 500. */
  readonly lockPollInterval?: number;
  /** Told one line per step that takes long. */
  readonly progress?: (line: string) => void;
}

/** Options with every default filled in. */
export interface ResolvedClusterOptions extends ClusterOptions {
  readonly nodes: number;
  readonly broker: BrokerOptions;
  readonly jvmOptions: readonly string[];
  readonly startTimeout: number;
  readonly lockPollInterval: number;
}

const MOST_NODES = 5;

/** Fills in defaults; throws a ClusterError `BAD_OPTION` that names the option and what it may be. */
export function resolveClusterOptions(options: ClusterOptions): ResolvedClusterOptions {
  if (!TOPOLOGIES.includes(options.topology)) {
    throw badOption('topology', options.topology, TOPOLOGIES.join(' or '));
  }
  const nodes = options.nodes ?? (options.topology === 'single' ? 1 : 2);
  const [least, most] = options.topology === 'single' ? [1, 1] : [2, MOST_NODES];
  if (!Number.isInteger(nodes) || nodes < least || nodes > most) {
    throw badOption('nodes', options.nodes, least === most ? `${least} for topology ${options.topology}` : `${least} to ${most}`);
  }
  const broker = options.broker ?? {};
  checkConnectors(broker);
  const [firstUser] = broker.users ?? [];
  return {
    ...options,
    nodes,
    broker,
    credentials: options.credentials ?? (firstUser && { user: firstUser.username, password: firstUser.password }),
    jvmOptions: options.jvmOptions ?? [],
    startTimeout: positive('startTimeout', options.startTimeout ?? 60_000),
    lockPollInterval: positive('lockPollInterval', options.lockPollInterval ?? 500),
  };
}

function checkConnectors(broker: BrokerOptions): void {
  const names = new Set(['stomp', 'openwire']);
  for (const { name, scheme } of broker.connectors ?? []) {
    if (!/^[A-Za-z][A-Za-z0-9_+-]{0,31}$/.test(name) || names.has(name)) {
      throw badOption('broker.connectors', name, 'unique names of letters, digits, _ + -, other than stomp and openwire');
    }
    names.add(name);
    if (scheme.endsWith('ssl') && !broker.ssl) {
      throw badOption('broker.ssl', undefined, `given for the connector '${name}' (${scheme}): a key store and its password`);
    }
  }
}

function positive(name: string, value: number): number {
  if (!Number.isInteger(value) || value <= 0) {
    throw badOption(name, value, 'a whole number of milliseconds above 0');
  }
  return value;
}

function badOption(name: string, value: unknown, allowed: string): ClusterError {
  return new ClusterError('BAD_OPTION', `startCluster: option '${name}' is ${JSON.stringify(value) ?? 'missing'}; it must be ${allowed}`);
}
