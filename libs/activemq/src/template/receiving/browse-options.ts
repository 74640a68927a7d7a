import { assertNoHyphenatedNames } from '../../selector/index.js';
import { assertInteger, assertKnownOptions, assertText } from '../../validation/index.js';

/** What a browse shows. */
export interface BrowseOptions {
  /** JMS selector. */
  readonly selector?: string;
  /** Messages at most; default all that the broker shows: `maxBrowsePageSize` (400) of a queue that does not fit into its memory. */
  readonly limit?: number;
  /** ms for a connection, and then for each answer of the broker; default the connection's receipt timeout. */
  readonly timeout?: number;
  /** Stops the browse: it rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** @throws ConfigurationError for an unknown option or an impossible value */
export function assertBrowseOptions(options: BrowseOptions): void {
  const where = 'The options of a browse';
  assertKnownOptions(where, options, ['selector', 'limit', 'timeout', 'signal']);
  if (options.selector !== undefined) {
    assertText(where, 'selector', options.selector);
    assertNoHyphenatedNames(where, options.selector);
  }
  if (options.limit !== undefined) assertInteger(where, 'limit', options.limit, { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (options.timeout !== undefined) assertInteger(where, 'timeout', options.timeout, { min: 1, max: 2_147_483_647 });
}
