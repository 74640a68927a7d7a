import { ConfigurationError } from '../../errors/index.js';
import type { JmsDestination } from '../../message/destination.js';
import { DestinationMap } from '../../message/destination-map.js';
import { assertKnownOptions, assertObjects } from '../../validation/index.js';
import { assertEntry } from '../assert-entry.js';
import { DeadLetterStrategy } from './dead-letter-strategy.js';
import { SharedDeadLetterStrategy } from './shared-dead-letter-strategy.js';

/** A strategy for the destinations of one pattern. */
export interface DeadLetterStrategyEntry {
  /** `orders`, `queue://orders.>`, `topic://prices.*`. */
  readonly destination: string;
  readonly strategy: DeadLetterStrategy;
}

/** What a {@link DeadLetterStrategyMap} is made from. */
export interface DeadLetterStrategyMapOptions {
  /** For destinations that no entry matches; default `SharedDeadLetterStrategy`. */
  readonly defaultEntry?: DeadLetterStrategy;
  /** The most exact pattern wins: a name before `*`, `*` before `>`. */
  readonly deadLetterStrategyEntries: readonly DeadLetterStrategyEntry[];
}

/** Dead-letter strategies by destination, with ActiveMQ's wildcards; what `policyEntry` is in the broker. */
export class DeadLetterStrategyMap {
  readonly #default: DeadLetterStrategy;
  readonly #entries: DestinationMap<DeadLetterStrategy>;

  /** @throws ConfigurationError for a bad destination, or what is no strategy */
  constructor(options: DeadLetterStrategyMapOptions) {
    const where = 'DeadLetterStrategyMap';
    assertKnownOptions(where, options, ['defaultEntry', 'deadLetterStrategyEntries'], { policyEntries: '`deadLetterStrategyEntries`' });
    const { defaultEntry = new SharedDeadLetterStrategy(), deadLetterStrategyEntries } = options;
    assertStrategy(`\`defaultEntry\` of ${where}`, defaultEntry);
    assertObjects(where, 'deadLetterStrategyEntries', deadLetterStrategyEntries);
    for (const [index, entry] of deadLetterStrategyEntries.entries()) {
      assertEntry(where, index, entry, ['strategy']);
      assertStrategy(`The entry for '${entry.destination}' of ${where}`, entry.strategy);
    }
    this.#default = defaultEntry;
    this.#entries = new DestinationMap(
      where,
      deadLetterStrategyEntries.map(({ destination, strategy }) => ({ destination, value: strategy })),
    );
  }

  /** The strategy that holds for a destination. */
  strategyFor(destination: JmsDestination): DeadLetterStrategy {
    return this.#entries.get(destination) ?? this.#default;
  }

  /** All strategies. */
  get strategies(): readonly DeadLetterStrategy[] {
    return [...this.#entries.values, this.#default];
  }
}

/** Finds the strategy that holds for a destination. */
export interface DeadLetterStrategyLookup {
  (destination: JmsDestination): DeadLetterStrategy;
  /** Those of other destinations, too: a dead letter queue is hardly a destination of the strategy that fills it. */
  readonly strategies?: readonly DeadLetterStrategy[];
}

/**
 * The lookup of what was given.
 *
 * @throws ConfigurationError for what is neither a strategy nor a map
 */
export function deadLetterStrategyLookup(where: string, given: DeadLetterStrategy | DeadLetterStrategyMap): DeadLetterStrategyLookup {
  if (given instanceof DeadLetterStrategyMap) {
    return Object.assign((destination: JmsDestination) => given.strategyFor(destination), { strategies: given.strategies });
  }
  assertStrategy(where, given);
  return () => given;
}

function assertStrategy(where: string, given: unknown): asserts given is DeadLetterStrategy {
  if (given instanceof DeadLetterStrategy) return;
  throw new ConfigurationError(
    `${where} is no dead-letter strategy; give a new SharedDeadLetterStrategy(), IndividualDeadLetterStrategy(), DiscardingDeadLetterStrategy() or BrokerDeadLetterStrategy()`,
  );
}
