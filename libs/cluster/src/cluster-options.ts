import type { BrokerOptions } from './config/broker-options.js';
import type { JdbcLocker } from './config/store-options.js';
import { ClusterError } from './errors.js';
import type { ProbeCredentials } from './stomp-probe.js';
import { type ClusterTopology, TOPOLOGIES, traitsOf } from './topologies.js';

/** What `startCluster` starts. */
export interface ClusterOptions {
  readonly topology: ClusterTopology;
  /** Brokers: 1 for `single`, 3 for `combined` and `replicated-leveldb` (nothing else is possible there), else 2 to 5, default 2. */
  readonly nodes?: number;
  /** `artemis` is ActiveMQ Artemis in place of ActiveMQ Classic (default); only `single`, and without `broker`. */
  readonly product?: BrokerProduct;
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
  /** ms between a slave's tries to lock the store; default 500, for `jdbc` 2 000, which is also how long a master's lease lasts. */
  readonly lockPollInterval?: number;
  /** How the brokers of `jdbc` agree on the master; default `lease`. */
  readonly locker?: JdbcLocker;
  /** Gives each node a network namespace of its own, so that `partition` can cut it off; needs Linux and root. Default false. */
  readonly partitionable?: boolean;
  /**
   * ms the brokers of `jdbc` wait for an answer of the database, in whole seconds, before they give the connection up. A master that is cut off
   * from the database then closes its ports; without it the driver waits as long as TCP does, and meanwhile there are two masters. Default: half
   * of `lockPollInterval` when `partitionable` and `locker` is `lease`, else for ever.
   */
  readonly databaseTimeout?: number;
  /** Which ports: `free` ones above 20 000 (default), or those of the usual tutorials (61616, 61617, ...), which have to be free. */
  readonly portPlan?: PortPlan;
  /** Told one line per step that takes long. */
  readonly progress?: (line: string) => void;
}

/** Which of the two brokers that are called ActiveMQ. */
export type BrokerProduct = (typeof BROKER_PRODUCTS)[number];

export const BROKER_PRODUCTS = ['classic', 'artemis'] as const;

/** Where ports come from. */
export type PortPlan = (typeof PORT_PLANS)[number];

export const PORT_PLANS = ['free', 'documented'] as const;

/** Options with every default filled in. */
export interface ResolvedClusterOptions extends ClusterOptions {
  readonly nodes: number;
  readonly broker: BrokerOptions;
  readonly jvmOptions: readonly string[];
  readonly startTimeout: number;
  readonly lockPollInterval: number;
  readonly locker: JdbcLocker;
  readonly portPlan: PortPlan;
}

const LOCKERS: readonly JdbcLocker[] = ['lease', 'database'];

/** Fills in defaults; throws a ClusterError `BAD_OPTION` that names the option and what it may be. */
export function resolveClusterOptions(options: ClusterOptions): ResolvedClusterOptions {
  if (!TOPOLOGIES.includes(options.topology)) {
    throw badOption('topology', options.topology, TOPOLOGIES.join(' or '));
  }
  const traits = traitsOf(options.topology);
  const [least, preset, most] = traits.nodes;
  const nodes = options.nodes ?? preset;
  if (!Number.isInteger(nodes) || nodes < least || nodes > most) {
    throw badOption('nodes', options.nodes, least === most ? `${least} for topology ${options.topology}` : `${least} to ${most}`);
  }
  const locker = options.locker ?? 'lease';
  if (!LOCKERS.includes(locker) || (options.locker !== undefined && options.topology !== 'jdbc')) {
    throw badOption('locker', options.locker, options.topology === 'jdbc' ? LOCKERS.join(' or ') : 'left out: only jdbc has one');
  }
  if (options.partitionable && options.topology === 'network-multicast') {
    throw badOption(
      'partitionable',
      true,
      'left out: multicast does not pass from namespace to namespace, network-static is the same network',
    );
  }
  if (options.product !== undefined && !BROKER_PRODUCTS.includes(options.product)) {
    throw badOption('product', options.product, BROKER_PRODUCTS.join(' or '));
  }
  if (options.product === 'artemis' && (options.topology !== 'single' || options.broker)) {
    throw badOption(
      'product',
      'artemis',
      'left out with this topology or with broker options: Artemis is started as a single stock broker only',
    );
  }
  const portPlan = options.portPlan ?? 'free';
  if (!PORT_PLANS.includes(portPlan)) {
    throw badOption('portPlan', portPlan, PORT_PLANS.join(' or '));
  }
  const lockPollInterval = positive('lockPollInterval', options.lockPollInterval ?? traits.lockPollInterval);
  const fences = options.partitionable === true && options.topology === 'jdbc' && locker === 'lease';
  const databaseTimeout = options.databaseTimeout ?? (fences ? Math.ceil(lockPollInterval / 2) : undefined);
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
    lockPollInterval,
    databaseTimeout: databaseTimeout === undefined ? undefined : positive('databaseTimeout', databaseTimeout),
    locker,
    portPlan,
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
