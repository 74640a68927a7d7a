/** One field of a cron entry: which values it takes. */
export interface CronField {
  readonly values: readonly number[];
  readonly first: number;
  readonly last: number;
}

/** What ActiveMQ takes for a number: digits, with a sign perhaps. */
const INTEGER = /^[+-]?\d{1,9}$/;

/**
 * Reads a field: `*`, `?`, a number, a range (`1-5`), a list (`1,3`) or a step (`*` + `/5`: the values that 5 divides).
 *
 * @throws RangeError when it is none of these or out of range
 */
export function parseCronField(token: string, first: number, last: number): CronField {
  const values = [...new Set(valuesOf(token, first, last))].sort((a, b) => a - b);
  const low = values[0];
  const high = values.at(-1);
  if (low === undefined || high === undefined || low < first || high > last) throw new RangeError(`Invalid token: ${token}`);
  return { values, first, last };
}

function valuesOf(token: string, first: number, last: number): number[] {
  if (token === '*' || token === '?') return range(first, last);
  const step = token.indexOf('/');
  if (step !== -1) {
    const divisor = integer(token.slice(step + 1));
    if (divisor === 0) throw new RangeError(`Invalid token: ${token}`);
    return valuesOf(token.slice(0, step), first, last).filter((value) => value % divisor === 0);
  }
  if (token.includes(',')) return token.split(',').flatMap((part) => valuesOf(part, first, last));
  const dash = token.indexOf('-');
  if (dash === -1) return [integer(token)];
  const [low, high] = [integer(token.slice(0, dash)), integer(token.slice(dash + 1))];
  if (low < first || high > last) throw new RangeError(`Invalid token: ${token}`);
  return range(low, high);
}

function integer(text: string): number {
  if (!INTEGER.test(text)) throw new RangeError(`Invalid token: ${text}`);
  return Number(text);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
