import { ConfigurationError } from '../errors/index.js';
import { parseSelector, SelectorSyntaxError } from '../selector/index.js';

/** Artemis understands these before a selector. */
const ARTEMIS_PREFIX = /^(?:no_)?(?:convert_string_expressions|hyphenated_props):/;

/**
 * Refuses a selector with a syntax error: the broker would refuse the subscription again and again. What this parser does not know and a broker may,
 * such as `REGEX(...)`, passes.
 *
 * @param where names the listener
 * @throws ConfigurationError with the place of the error
 */
export function assertSelector(where: string, selector: string): void {
  if (ARTEMIS_PREFIX.test(selector)) return;
  try {
    parseSelector(selector);
  } catch (cause) {
    if (!(cause instanceof SelectorSyntaxError)) throw cause;
    if (cause.isBeyondParser) return;
    throw new ConfigurationError(
      `${where}: \`selector\`: ${cause.message}. Write it as JMS does, as in "currency = 'EUR' AND amount > 5"`,
      {
        cause,
      },
    );
  }
}
