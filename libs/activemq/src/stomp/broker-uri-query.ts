import { ConfigurationError } from '../errors/index.js';

/** The parameters of one query, decoded, in their order; a name occurs once. */
export type UriQuery = ReadonlyMap<string, string>;

/**
 * Parses `a=1&b=2` (percent-decoded; `+` stays `+`, for it occurs in scheme names).
 *
 * @param where what the query belongs to, for errors; must hold no credentials
 * @throws ConfigurationError for a parameter without `=`, given twice, not decodable, or copied from XML with `&amp;`
 */
export function parseQuery(text: string, where: string): UriQuery {
  if (text.includes('&amp;')) {
    throw new ConfigurationError(`${where}: the query holds "&amp;", as it stands in XML; outside of XML write "&"`);
  }
  const query = new Map<string, string>();
  for (const parameter of text.split('&')) {
    if (parameter.trim() === '') continue;
    const equals = parameter.indexOf('=');
    // What stands there is not quoted: it may be the rest of a password that was not percent-encoded.
    if (equals < 1) throw new ConfigurationError(`${where}: a parameter has no name or no "="; write name=value, joined with "&"`);
    const name = decode(parameter.slice(0, equals).trim(), where);
    if (!/^[\w.-]+$/.test(name)) {
      throw new ConfigurationError(
        `${where}: the name of a parameter holds characters that no option has; write name=value, joined with "&"`,
      );
    }
    if (query.has(name)) throw new ConfigurationError(`${where}: parameter "${name}" is given twice; keep one of them`);
    query.set(name, decode(parameter.slice(equals + 1).trim(), where));
  }
  return query;
}

/**
 * Decodes `%40` and its like.
 *
 * @throws ConfigurationError when a `%` is not followed by the code of a UTF-8 character; the text is not quoted
 */
export function decode(text: string, where: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigurationError(`${where}: a "%" is not followed by two hexadecimal digits of UTF-8; write "%25" for the character "%"`);
  }
}

/** Reads `true` or `false`; ActiveMQ takes every other word for `false`, here it is a ConfigurationError. */
export function readBoolean(name: string, value: string, where: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw badValue(name, value, 'true or false', where);
}

/** Reads a whole number of at least `min` and at most 2147483647, the longest delay of a timer in ms; else throws ConfigurationError. */
export function readInteger(name: string, value: string, min: number, where: string): number {
  const number = /^-?\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= 2_147_483_647) return number;
  throw badValue(name, value, `a whole number from ${min} to 2147483647`, where);
}

/** Reads a decimal number of at least `min` and at most 1000; else throws ConfigurationError. */
export function readDecimal(name: string, value: string, min: number, where: string): number {
  const number = /^\d{1,4}(\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= 1000) return number;
  throw badValue(name, value, `a number from ${min.toFixed(1)} to 1000`, where);
}

/** The error for a value that an option does not take: names the option, the value and what is allowed. */
export function badValue(name: string, value: string, allowed: string, where: string): ConfigurationError {
  // A value with other characters is no number gone wrong; it may hold the credentials of a second URI run into it.
  const shown = /^[\w.+-]{0,40}$/.test(value) ? value : '(not shown)';
  return new ConfigurationError(`${where}: ${name}=${shown} is not allowed: ${name} takes ${allowed}`);
}

/** The error for a parameter that is not known: names it, the near miss and the known ones. */
export function unknownParameter(name: string, known: readonly string[], where: string): ConfigurationError {
  const near = nearest(name, known);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new ConfigurationError(`${where}: unknown parameter "${name}".${hint} Known parameters: ${known.join(', ')}`);
}

/** The candidate that a typo most likely meant: the same but for case, or at most two edits away. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const candidate of candidates) {
    const distance = candidate.toLowerCase() === name.toLowerCase() ? 0 : editDistance(name.slice(0, 60), candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
