import { assertInteger, assertKnownOptions } from '../validation/index.js';
import { ConfigurationError } from '../errors/index.js';
import { ManualClock } from '../embedded/broker/manual-clock.js';
import type { ActiveMqModuleOptions } from '../module/activemq-module-options.js';
import type { TestBrokerOptions } from './test-broker.js';

/** Options of a test harness; everything has a default. */
export interface JmsTestHarnessOptions {
  /**
   * What redelivery delays, schedules and expiry go by: a clock that stands still until a test moves it (default, one of its own), or
   * `system`, the computer's, also for fake timers of Vitest and Jest.
   */
  readonly clock?: ManualClock | 'system';
  /** ms of the computer's time after which every wait gives up; default 2000, below the test runners' own limit. */
  readonly timeout?: number;
  /** What the embedded brokers are to be like, e.g. `{ redeliveryPlugin, destinationPolicy }`. */
  readonly broker?: TestBrokerOptions;
  /** Options that win over those of the application, on every connection, e.g. `{ redelivery: { maximumRedeliveries: 1 } }`. */
  readonly overrides?: Omit<ActiveMqModuleOptions, 'name' | 'brokerUrl' | 'embeddedBroker' | 'timers'>;
}

/** Complete {@link JmsTestHarnessOptions}. */
export interface ResolvedHarnessOptions {
  /** `undefined`: the computer's. */
  readonly clock: ManualClock | undefined;
  readonly timeout: number;
  readonly broker: TestBrokerOptions;
  readonly overrides: NonNullable<JmsTestHarnessOptions['overrides']>;
}

/** The option names, also for those who add their own. */
export const HARNESS_OPTION_NAMES = ['clock', 'timeout', 'broker', 'overrides'] as const satisfies readonly (keyof JmsTestHarnessOptions)[];

const WHERE = 'The options of a JmsTestHarness';

/**
 * Fills in the defaults.
 *
 * @throws ConfigurationError for an unknown option or an impossible value
 */
export function resolveHarnessOptions(options: JmsTestHarnessOptions): ResolvedHarnessOptions {
  assertKnownOptions(WHERE, options, HARNESS_OPTION_NAMES);
  const { clock = new ManualClock(), timeout = 2_000, broker = {}, overrides = {} } = options;
  assertInteger(WHERE, 'timeout', timeout, { min: 1, max: 2_147_483_647 });
  if (clock !== 'system' && !(clock instanceof ManualClock)) {
    throw new ConfigurationError(`${WHERE}: \`clock\` must be a ManualClock, or 'system' for the computer's`);
  }
  const fixed = ['name', 'brokerUrl', 'embeddedBroker', 'timers'].find((name) => name in overrides);
  if (fixed) throw new ConfigurationError(`${WHERE}: \`overrides.${fixed}\` cannot be set, it is what the harness itself decides`);
  return { clock: clock === 'system' ? undefined : clock, timeout, broker, overrides };
}
