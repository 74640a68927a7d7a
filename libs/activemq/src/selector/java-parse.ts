import { double, fitsInt, fitsLong, int, long, type JavaNumber } from './java-value.js';

const WHOLE = /^[+-]?\p{Nd}+$/u;
const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?$/;
const HEXADECIMAL = /^([+-]?)0[xX](?:([0-9a-fA-F]+)\.?|([0-9a-fA-F]*)\.([0-9a-fA-F]+))[pP]([+-]?[0-9]+)[fFdD]?$/;
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
]);

// Java reads every Unicode digit of the Basic Multilingual Plane; their rows of ten begin at a code ending in 0 or in 6.
function asciiDigits(text: string): string {
  return text.replaceAll(/[^0-9+-]/gu, (digit) => {
    const code = digit.charCodeAt(0);
    const zero = code & ~0xf;
    return String(/\p{Nd}/u.test(String.fromCharCode(zero)) ? code - zero : code - zero - 6);
  });
}

function parseWhole(text: string): bigint | undefined {
  if (!WHOLE.test(text) || /[\u{10000}-\u{10ffff}]/u.test(text)) return undefined;
  const digits = asciiDigits(text);
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', ''));
}

function parseHexadecimal(text: string): number | undefined {
  const match = HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, before = '', after = '', exponent] = match;
  const digits = BigInt(`0x${whole ?? `${before}${after}`}`);
  // Zero first: 0 times an infinite power would be NaN.
  const size = digits === 0n ? 0 : Number(digits) * 2 ** (Number(exponent) - 4 * after.length);
  return sign === '-' ? -size : size;
}

function parseDouble(text: string): number | undefined {
  // String.trim of Java: everything up to the space.
  const trimmed = text.replace(/^[\0- ]+/, '').replace(/(?<![\0- ])[\0- ]+$/, '');
  const special = SPECIAL.get(trimmed.replace(/^[+-]/, ''));
  if (special !== undefined) return trimmed.startsWith('-') ? -special : special;
  if (DECIMAL.test(trimmed)) return Number(trimmed.replace(/[fFdD]$/, ''));
  return parseHexadecimal(trimmed);
}

/**
 * Reads a header as the Java type of the number that it is compared with: `Integer.valueOf`, `Long.valueOf` or `Double.valueOf`.
 * `undefined` where Java throws a NumberFormatException; so `'9.5'` is no `int`.
 */
export function parseJavaNumber(text: string, type: JavaNumber['type']): JavaNumber | undefined {
  if (type === 'big') return undefined;
  if (type === 'double') {
    const value = parseDouble(text);
    return value === undefined ? undefined : double(value);
  }
  const value = parseWhole(text);
  if (value === undefined) return undefined;
  if (type === 'int') return fitsInt(value) ? int(value) : undefined;
  return fitsLong(value) ? long(value) : undefined;
}
