import { ConfigurationError } from '../errors/index.js';
import { assertBalanced, assertNoHyphenatedNames } from '../selector/index.js';
import { assertBoolean, assertFunction, assertInteger, assertKnownOptions, assertNumber, assertText } from '../validation/index.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeadLetterProgress } from './dead-letter-report.js';

/** Which dead letters to look at. */
export interface DeadLetterFilter {
  /** JMS selector over all headers, e.g. `deadLetterErrorClass = 'TypeError'`. */
  readonly selector?: string;
  /** Chooses among what the selector has left, in this process. */
  readonly filter?: (deadLetter: DeadLetter) => boolean;
}

/** Which dead letters to list. */
export interface DeadLetterListOptions extends DeadLetterFilter {
  /** Dead letters at most; default 1000. */
  readonly limit?: number;
  /** Stops looking: it rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Which dead letters to do something with: exactly one of `messageId`, `selector` and/or `filter`, and `all: true`; anything else is a
 * `ConfigurationError`.
 *
 * @example { queue: 'DLQ.orders', selector: `deadLetterErrorClass = 'TimeoutError'`, filter: ({ attempts = 0 }) => attempts > 3 }
 */
export interface DeadLetterSelection extends DeadLetterFilter {
  /** The broker's id of the one as it lies there, `DeadLetter.messageId`. */
  readonly messageId?: string;
  /** `true` for every dead letter of the queue; nothing is chosen by accident. */
  readonly all?: boolean;
  /** The dead letter queue; default `ActiveMQ.DLQ`. */
  readonly queue?: string;
}

/** How to go about it. */
export interface DeadLetterRunOptions {
  /** Dead letters at most; default no limit. */
  readonly limit?: number;
  /** Dead letters a second at most; default as fast as it goes. */
  readonly throttle?: number;
  /** Only tells what would be done; default `false`. */
  readonly dryRun?: boolean;
  /** Stops after the dead letter under way, or when there is no broker; the report says `aborted`. */
  readonly signal?: AbortSignal;
  /** Called after each dead letter. What it throws ends the run. */
  readonly onProgress?: (progress: DeadLetterProgress) => void;
}

/** How to send dead letters back. */
export interface SendBackOptions extends DeadLetterRunOptions {
  /** Where to; default where each came from, as its headers tell: producers can write them, so choose by `filter` where they may do less than you. */
  readonly to?: string;
  /** Whether the copy expires when the original would have; one that would have expired already is left where it is. Default `false`: never. */
  readonly keepExpiration?: boolean;
}

const FILTER_NAMES = ['selector', 'filter'] as const;
const RUN_NAMES = ['limit', 'throttle', 'dryRun', 'signal', 'onProgress'] as const;

/** @throws ConfigurationError for options in the place of the queue, and for anything else that is no text */
export function assertQueue(where: string, cure: string, queue: unknown): asserts queue is string {
  if (typeof queue !== 'string') throw new ConfigurationError(`${where}: the queue is a text, such as "ActiveMQ.DLQ"; ${cure}`);
}

/** @throws ConfigurationError for an unknown option or an impossible value */
export function assertListOptions(options: DeadLetterListOptions): void {
  const where = 'DeadLetterService.list()';
  assertKnownOptions(where, options, [...FILTER_NAMES, 'limit', 'signal']);
  assertFilter(where, options);
  if (options.limit !== undefined) assertInteger(where, 'limit', options.limit, { min: 1, max: 1_000_000 });
}

/**
 * Reads which dead letters are meant; a text is a message id.
 *
 * @throws ConfigurationError when nothing is chosen, or too much
 */
export function readSelection(where: string, which: string | DeadLetterSelection): DeadLetterSelection {
  if (which === undefined || which === null) {
    throw new ConfigurationError(
      `${where}: the first argument is missing; give a message id, a selector or filter as in { selector: "..." }, or { all: true }`,
    );
  }
  const selection = typeof which === 'string' ? { messageId: which } : which;
  assertKnownOptions(where, selection, [...FILTER_NAMES, 'messageId', 'all', 'queue']);
  assertFilter(where, selection);
  const { messageId, all, selector, filter } = selection;
  if (messageId !== undefined) assertText(where, 'messageId', messageId);
  if (all !== undefined) assertBoolean(where, 'all', all);
  const ways = [messageId !== undefined, all === true, selector !== undefined || filter !== undefined].filter(Boolean);
  if (ways.length !== 1) {
    throw new ConfigurationError(
      `${where}: choose dead letters by exactly one of \`messageId\`, \`selector\` and \`filter\`, or \`all: true\``,
    );
  }
  return selection;
}

/** @throws ConfigurationError for an unknown option or an impossible value */
export function assertRunOptions(where: string, options: DeadLetterRunOptions, more: readonly string[] = []): void {
  assertKnownOptions(where, options, [...RUN_NAMES, ...more]);
  const { limit, throttle, dryRun, onProgress } = options;
  if (limit !== undefined) assertInteger(where, 'limit', limit, { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (throttle !== undefined) assertNumber(where, 'throttle', throttle, { min: 0.001, max: 1_000_000 });
  if (dryRun !== undefined) assertBoolean(where, 'dryRun', dryRun);
  if (onProgress !== undefined) assertFunction(where, 'onProgress', onProgress);
}

function assertFilter(where: string, { selector, filter }: DeadLetterFilter): void {
  if (selector !== undefined) {
    assertText(where, 'selector', selector);
    assertNoHyphenatedNames(where, selector);
    assertBalanced(where, selector);
  }
  if (filter !== undefined) assertFunction(where, 'filter', filter);
}
