import { pathFilter } from '../destination/destination-filter.js';
import { isQueue, type DestinationName } from '../destination/destination-name.js';
import type { DeadLetterStrategyOptions } from '../dead-letter/dead-letter-strategy.js';

/** Settings of the destinations that match, ActiveMQ's `<policyEntry>`. */
export interface DestinationPolicy {
  /** Queues by name or pattern (`orders.>`). */
  readonly queue?: string;
  /** Topics by name or pattern. */
  readonly topic?: string;
  /** Default: `ActiveMQ.DLQ`, persistent messages only. */
  readonly deadLetterStrategy?: DeadLetterStrategyOptions;
  /** Whether message priorities count; default `false`, as in ActiveMQ. */
  readonly prioritizedMessages?: boolean;
  /** Whether `redelivered` outlives the broker's death; default `false`, as in ActiveMQ. */
  readonly persistJMSRedelivered?: boolean;
  /** Messages a queue looks at per wake-up; default 200. Selectors do not see beyond it. */
  readonly maxPageSize?: number;
  /**
   * Most messages a browser is shown; default: all. ActiveMQ's own 400 holds where a queue no longer fits into its memory: set it to see
   * what your code does then.
   */
  readonly maxBrowsePageSize?: number;
  /**
   * Bytes of messages in a queue (at least 1 KiB is charged for each) from which on SENDs wait for room; default: no limit. As in ActiveMQ
   * with a `<vmQueueCursor/>`: with its other cursors a queue goes on on disk. Of topics it is ignored.
   */
  readonly memoryLimit?: number;
}

/** A policy with its defaults filled in. */
export interface EffectivePolicy {
  readonly deadLetterStrategy: DeadLetterStrategyOptions;
  readonly prioritizedMessages: boolean;
  readonly persistJMSRedelivered: boolean;
  readonly maxPageSize: number;
  readonly maxBrowsePageSize: number;
  readonly memoryLimit: number;
}

const DEFAULTS: EffectivePolicy = {
  deadLetterStrategy: { kind: 'shared' },
  prioritizedMessages: false,
  persistJMSRedelivered: false,
  maxPageSize: 200,
  maxBrowsePageSize: Number.POSITIVE_INFINITY,
  memoryLimit: Number.POSITIVE_INFINITY,
};

/** Finds the policy of each destination: the first entry that matches counts. */
export class DestinationPolicies {
  /** Whether any queue may have to make its producers wait. */
  readonly limitMemory: boolean;
  readonly #entries: readonly { matches: (name: DestinationName) => boolean; policy: EffectivePolicy }[];

  constructor(entries: readonly DestinationPolicy[]) {
    this.limitMemory = entries.some(({ memoryLimit }) => memoryLimit !== undefined);
    this.#entries = entries.map((entry) => ({ matches: filterOf(entry), policy: { ...DEFAULTS, ...given(entry) } }));
  }

  /** The policy of a destination; the same object for all destinations of one entry. */
  of(name: DestinationName): EffectivePolicy {
    return this.#entries.find((entry) => entry.matches(name))?.policy ?? DEFAULTS;
  }
}

function filterOf(entry: DestinationPolicy): (name: DestinationName) => boolean {
  const queue = entry.queue === undefined ? undefined : pathFilter(entry.queue);
  const topic = entry.topic === undefined ? undefined : pathFilter(entry.topic);
  return (name) => (isQueue(name) ? queue : topic)?.(name.physicalName) ?? false;
}

function given(entry: DestinationPolicy): Partial<EffectivePolicy> {
  return Object.fromEntries(Object.entries(entry).filter(([name, value]) => name in DEFAULTS && value !== undefined));
}
