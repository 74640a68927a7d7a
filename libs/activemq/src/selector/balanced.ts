import { ConfigurationError } from '../errors/index.js';

const STRING = /'(?:[^']|'')*'/g;

/**
 * Refuses a selector whose parentheses do not match: put into one with further conditions, `a = 1) OR (b = 2` would mean something else than it says.
 *
 * @param where names the call, e.g. `A browse`
 * @throws ConfigurationError with the selector
 */
export function assertBalanced(where: string, selector: string): void {
  let depth = 0;
  for (const character of selector.replaceAll(STRING, '')) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth < 0) break;
  }
  if (depth !== 0) throw new ConfigurationError(`${where}: the parentheses of \`selector\` do not match: ${selector}`);
}
