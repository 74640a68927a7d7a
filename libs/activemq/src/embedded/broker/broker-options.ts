import { ConfigurationError } from '../../errors/index.js';
import type { BrokerRedeliveryPolicy } from '../dead-letter/broker-redelivery.js';
import type { DiscardingDlqBrokerPlugin } from '../dead-letter/discarding-plugin.js';
import { MessageStore } from '../store/message-store.js';
import { SYSTEM_CLOCK, type BrokerClock } from './clock.js';
import type { DestinationPolicy } from './destination-policy.js';

/** What an embedded broker takes from its clients before it refuses. */
export interface EmbeddedBrokerLimits {
  /** Bytes of one frame; default 100 MiB. Above: ERROR, and the connection closes. */
  readonly maxFrameSize: number;
  /** Bytes of one header line; default 10 240. */
  readonly maxHeaderLength: number;
  /** Headers of one frame; default 1000. */
  readonly maxHeaders: number;
  /** Connections at a time; default 1000. */
  readonly maxConnections: number;
  /** Subscriptions of one connection; default 1000. */
  readonly maxSubscriptions: number;
  /** Open transactions of one connection; default 1000. */
  readonly maxTransactions: number;
  /** Queues and topics; default 10 000. */
  readonly maxDestinations: number;
  /** Bytes of messages in memory (at least 1 KiB is charged for each); default 256 MiB. Above: SENDs get an ERROR. */
  readonly memoryLimit: number;
  /** Scheduled messages; default 100 000. */
  readonly maxScheduledJobs: number;
  /** Bytes written to one connection and not yet taken by it; default 1 MiB. Above, it gets no messages and is not read. */
  readonly maxOutput: number;
  /** Ms a connection may take to say CONNECT; default 30 000. */
  readonly connectTimeout: number;
}

/** Options of an embedded broker; everything has a default. */
export interface EmbeddedBrokerOptions {
  /** Shown in log lines; default `embedded`. */
  readonly name?: string;
  /** With a user, every connection must log in with it. */
  readonly user?: string;
  readonly password?: string;
  /**
   * Decides who may `write` to (SEND) and `read` from (SUBSCRIBE) a destination such as `queue://orders`; default: everybody.
   */
  readonly authorize?: (user: string | undefined, action: 'read' | 'write', destination: string) => boolean;
  /** Whether `AMQ_SCHEDULED_*` headers count; default `true`. Without it such messages are delivered at once, as in ActiveMQ. */
  readonly schedulerSupport?: boolean;
  /** Ms between two looks at the schedule; default 500, as in ActiveMQ. */
  readonly schedulerTick?: number;
  /** Ms between two searches for expired messages; default 30 000. */
  readonly expireMessagesPeriod?: number;
  /** Whether the broker answers statistics queries (`ActiveMQ.Statistics.*`); default `true`. */
  readonly statistics?: boolean;
  /** Settings by destination; the first entry that matches counts. */
  readonly destinationPolicy?: readonly DestinationPolicy[];
  /** Redelivery by the broker of what was rejected, ActiveMQ's `redeliveryPlugin`; default: none. The first entry that matches counts. */
  readonly redeliveryPlugin?: readonly BrokerRedeliveryPolicy[];
  /** Which dead letters are destroyed, ActiveMQ's `discardingDLQBrokerPlugin`; default: none. What `redeliveryPlugin` takes is none yet. */
  readonly discardingDLQBrokerPlugin?: DiscardingDlqBrokerPlugin;
  /** Whether a SEND into a queue that has reached its `memoryLimit` gets an ERROR at once; default `false`: it waits for room. */
  readonly sendFailIfNoSpace?: boolean;
  /** Ms such a SEND waits before it gets an ERROR, on the broker's `clock`; default 0: for ever, as in ActiveMQ. */
  readonly sendFailIfNoSpaceAfterTimeout?: number;
  readonly limits?: Partial<EmbeddedBrokerLimits>;
  /** Default: the computer's. */
  readonly clock?: BrokerClock;
  /** Takes the start-up line and faults; default `console.warn`. */
  readonly log?: (line: string) => void;
  /** What outlives `kill()`; default: one of its own. */
  readonly store?: MessageStore;
}

/** Options with their defaults filled in. */
export interface BrokerSettings extends Required<
  Omit<EmbeddedBrokerOptions, 'user' | 'password' | 'authorize' | 'limits' | 'discardingDLQBrokerPlugin'>
> {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly discardingDLQBrokerPlugin: DiscardingDlqBrokerPlugin | undefined;
  readonly authorize: NonNullable<EmbeddedBrokerOptions['authorize']>;
  readonly limits: EmbeddedBrokerLimits;
}

const DEFAULT_LIMITS: EmbeddedBrokerLimits = {
  maxFrameSize: 100 * 1024 * 1024,
  maxHeaderLength: 10 * 1024,
  maxHeaders: 1000,
  maxConnections: 1000,
  maxSubscriptions: 1000,
  maxTransactions: 1000,
  maxDestinations: 10_000,
  memoryLimit: 256 * 1024 * 1024,
  maxScheduledJobs: 100_000,
  maxOutput: 1024 * 1024,
  connectTimeout: 30_000,
};

const OPTION_NAMES: readonly string[] = [
  'name',
  'user',
  'password',
  'authorize',
  'schedulerSupport',
  'schedulerTick',
  'expireMessagesPeriod',
  'statistics',
  'destinationPolicy',
  'redeliveryPlugin',
  'discardingDLQBrokerPlugin',
  'sendFailIfNoSpace',
  'sendFailIfNoSpaceAfterTimeout',
  'limits',
  'clock',
  'log',
  'store',
] satisfies (keyof EmbeddedBrokerOptions)[];

/**
 * Fills in the defaults.
 *
 * @throws ConfigurationError for an unknown option or limit, or a number that is no positive whole number
 */
export function brokerSettings(options: EmbeddedBrokerOptions): BrokerSettings {
  assertKnown('option', options, OPTION_NAMES);
  assertKnown('limit', options.limits ?? {}, Object.keys(DEFAULT_LIMITS));
  const limits = { ...DEFAULT_LIMITS, ...defined(options.limits ?? {}) };
  const settings: BrokerSettings = {
    name: 'embedded',
    schedulerSupport: true,
    schedulerTick: 500,
    expireMessagesPeriod: 30_000,
    statistics: true,
    destinationPolicy: [],
    redeliveryPlugin: [],
    discardingDLQBrokerPlugin: undefined,
    sendFailIfNoSpace: false,
    sendFailIfNoSpaceAfterTimeout: 0,
    clock: SYSTEM_CLOCK,
    log: (line) => console.warn(line),
    authorize: () => true,
    user: undefined,
    password: undefined,
    ...defined(options),
    store: options.store ?? new MessageStore(),
    limits,
  };
  assertPositive('schedulerTick', settings.schedulerTick);
  assertPositive('expireMessagesPeriod', settings.expireMessagesPeriod);
  if (settings.sendFailIfNoSpaceAfterTimeout !== 0) assertPositive('sendFailIfNoSpaceAfterTimeout', settings.sendFailIfNoSpaceAfterTimeout);
  for (const { memoryLimit } of settings.destinationPolicy) if (memoryLimit !== undefined) assertPositive('memoryLimit', memoryLimit);
  for (const [name, value] of Object.entries(limits)) assertPositive(`limits.${name}`, value);
  return settings;
}

function assertKnown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ConfigurationError(`The embedded broker has no ${what} "${unknown}": use one of ${known.join(', ')}`);
}

function assertPositive(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new ConfigurationError(`The embedded broker's ${name} is ${value}: give a whole number above 0`);
}

function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}
