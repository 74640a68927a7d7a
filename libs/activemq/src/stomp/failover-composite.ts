import { ConfigurationError } from '../errors/index.js';

/** A failover URL taken apart, nothing decoded yet. */
export interface CompositeParts {
  /** The text of each URI, trimmed, never empty. */
  readonly components: readonly string[];
  /** The query behind the closing parenthesis, without `?`. */
  readonly query: string;
}

/**
 * Takes `(a,b)?options`, `//(a,b)?options` or `a,b` apart by the rules of ActiveMQ's `URISupport.parseComposite`.
 *
 * Without parentheses a query belongs to the URI before it, not to the list. Blanks and line breaks around URIs are dropped, and so is one comma
 * behind the last.
 *
 * @param text what follows `failover:`
 * @throws ConfigurationError for parentheses that do not match, an empty list, an empty member, or text behind the list; quotes nothing
 */
export function splitComposite(text: string): CompositeParts {
  const rest = text.trim().replace(/^\/\//, '').trim();
  if (!rest.startsWith('(')) return { components: splitComponents(rest), query: '' };
  const close = matchingParenthesis(rest);
  const tail = rest.slice(close + 1).trim();
  if (tail !== '' && !tail.startsWith('?')) {
    throw new ConfigurationError(
      'The failover URL has text behind its closing parenthesis; only options may follow: failover:(uri,uri)?name=value',
    );
  }
  return { components: splitComponents(rest.slice(1, close)), query: tail.slice(1) };
}

function matchingParenthesis(text: string): number {
  let depth = 0;
  let close = -1;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] !== ')') continue;
    depth--;
    if (depth === 0 && close < 0) close = index;
    if (depth < 0) break;
  }
  if (depth !== 0 || close < 0) {
    throw new ConfigurationError(
      'The failover URL has parentheses that do not match; write failover:(uri,uri)?name=value, and %28 and %29 for parentheses in user or password',
    );
  }
  return close;
}

function splitComponents(text: string): string[] {
  const components: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    else if (text[index] === ')') depth--;
    else if (text[index] === ',' && depth === 0) {
      components.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  const last = text.slice(start).trim();
  if (last !== '') components.push(last);
  if (components.length === 0)
    throw new ConfigurationError('The failover URL lists no broker; write failover:(stomp://host:61613,stomp://other:61613)');
  const empty = components.indexOf('');
  if (empty >= 0)
    throw new ConfigurationError(`The failover URL has nothing at place ${empty + 1} of its list; remove the comma or write the URI`);
  return components;
}
