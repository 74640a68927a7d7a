import { ConfigurationError } from '../errors/index.js';
import { BROKER_URI_PARAMETERS } from './broker-uri-options.js';
import { readBoolean, readDecimal, readInteger, unknownParameter, type UriQuery } from './broker-uri-query.js';
import { refusedBrokerParameter } from './broker-uri-refused.js';
import type { BrokerUri } from './broker-uri.js';
import { FAILOVER_OPTION_NAMES } from './failover-option-names.js';
import { refusedFailoverOption } from './failover-refused.js';

/** The options of `failover:(...)?`, with the names and defaults of ActiveMQ's `FailoverTransport`. */
export interface FailoverOptions {
  /** Whether the brokers are tried in random order; default true. */
  readonly randomize: boolean;
  /** Pause in ms before the first reconnect, 0 or more; default 10. */
  readonly initialReconnectDelay: number;
  /** The longest pause in ms, 1 or more; default 30 000. */
  readonly maxReconnectDelay: number;
  /** Whether the pause grows by `reconnectDelayExponent`; default true, else it stays at `initialReconnectDelay`. */
  readonly useExponentialBackOff: boolean;
  /** The factor of the growing pause, 1 to 1000; default 2. Alias `backOffMultiplier`. */
  readonly reconnectDelayExponent: number;
  /** Rounds through all brokers before reconnecting is given up; default -1, for ever; 0: a lost connection is not opened again. */
  readonly maxReconnectAttempts: number;
  /** The same until the first session is open; default -1: `maxReconnectAttempts` holds from the start. */
  readonly startupMaxReconnectAttempts: number;
  /** A warning at the first failed round and at each n-th; default 10; 0 or -1: none. */
  readonly warnAfterReconnectAttempts: number;
  /** How long in ms a send may wait for a connection; default -1, for ever. Reconnecting goes on. */
  readonly timeout: number;
  /** Whether to move back to a priority broker as soon as it can be reached; default false. */
  readonly priorityBackup: boolean;
  /** The priority brokers: those of `priorityURIs`, else the first of the list; empty without `priorityBackup`. */
  readonly priorityURIs: readonly BrokerUri[];
}

/** What holds where a URL sets nothing: ActiveMQ's defaults. */
export const DEFAULT_FAILOVER_OPTIONS: FailoverOptions = Object.freeze({
  randomize: true,
  initialReconnectDelay: 10,
  maxReconnectDelay: 30_000,
  useExponentialBackOff: true,
  reconnectDelayExponent: 2,
  maxReconnectAttempts: -1,
  startupMaxReconnectAttempts: -1,
  warnAfterReconnectAttempts: 10,
  timeout: -1,
  priorityBackup: false,
  priorityURIs: Object.freeze([]),
});

const WHERE = 'The failover URL';

type Reader = (name: string, value: string) => boolean | number;
const boolean: Reader = (name, value) => readBoolean(name, value, WHERE);
const integerFrom =
  (min: number): Reader =>
  (name, value) =>
    readInteger(name, value, min, WHERE);
const factor: Reader = (name, value) => readDecimal(name, value, 1, WHERE);

const READERS: ReadonlyMap<string, readonly [target: keyof FailoverOptions, read: Reader]> = new Map([
  ['randomize', ['randomize', boolean]],
  ['initialReconnectDelay', ['initialReconnectDelay', integerFrom(0)]],
  ['maxReconnectDelay', ['maxReconnectDelay', integerFrom(1)]],
  ['useExponentialBackOff', ['useExponentialBackOff', boolean]],
  ['reconnectDelayExponent', ['reconnectDelayExponent', factor]],
  ['backOffMultiplier', ['reconnectDelayExponent', factor]],
  ['maxReconnectAttempts', ['maxReconnectAttempts', integerFrom(-1)]],
  ['startupMaxReconnectAttempts', ['startupMaxReconnectAttempts', integerFrom(-1)]],
  ['warnAfterReconnectAttempts', ['warnAfterReconnectAttempts', integerFrom(-1)]],
  ['timeout', ['timeout', integerFrom(-1)]],
  ['priorityBackup', ['priorityBackup', boolean]],
]);

/**
 * Reads the options behind the list, all but `nested.*` and `priorityURIs`, which concern the URIs.
 *
 * @throws ConfigurationError for an option that is unknown, has no meaning over STOMP, has a bad value or contradicts another
 */
export function readFailoverOptions(query: UriQuery): FailoverOptions {
  const given: Partial<Record<keyof FailoverOptions, boolean | number>> = {};
  for (const [name, value] of query) {
    if (name === 'priorityURIs') continue;
    const reader = READERS.get(name);
    if (reader === undefined) {
      checkRefused(name, value);
      continue;
    }
    const [target, read] = reader;
    if (given[target] !== undefined) {
      throw new ConfigurationError(`${WHERE}: reconnectDelayExponent and backOffMultiplier are the same option; keep one of them`);
    }
    given[target] = read(name, value);
  }
  const options = { ...DEFAULT_FAILOVER_OPTIONS, ...given } as FailoverOptions;
  if (options.initialReconnectDelay > options.maxReconnectDelay) {
    throw new ConfigurationError(
      `${WHERE}: initialReconnectDelay (${options.initialReconnectDelay} ms) is above maxReconnectDelay (${options.maxReconnectDelay} ms); lower the one or raise the other`,
    );
  }
  if (query.has('priorityURIs') && !options.priorityBackup) {
    throw new ConfigurationError(`${WHERE}: priorityURIs has no effect without priorityBackup=true; add it, or leave priorityURIs out`);
  }
  return options;
}

function checkRefused(name: string, value: string): void {
  const refusal = refusedFailoverOption(name);
  if (refusal !== undefined) {
    if (value === refusal.accepted) return;
    const except = refusal.accepted === undefined ? '' : ` (only ${name}=${refusal.accepted} is accepted, which is what happens anyway)`;
    throw new ConfigurationError(`${WHERE}: option "${name}" is not offered over STOMP: ${refusal.instead}${except}`);
  }
  if ((BROKER_URI_PARAMETERS as readonly string[]).includes(name)) {
    throw new ConfigurationError(
      `${WHERE}: "${name}" is a parameter of one broker; write nested.${name}=... to set it for all of the list`,
    );
  }
  const instead = refusedBrokerParameter(name);
  if (instead !== undefined) throw new ConfigurationError(`${WHERE}: parameter "${name}" has no meaning over STOMP: ${instead}`);
  throw unknownParameter(name, [...FAILOVER_OPTION_NAMES, 'nested.*'], WHERE);
}
