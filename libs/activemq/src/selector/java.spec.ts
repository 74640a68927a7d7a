import { describe, expect, it } from 'vitest';
import { calculate, negate } from './arithmetic.js';
import { parseJavaNumber } from './java-parse.js';
import { double, int, javaString, type JavaNumber, long } from './java-value.js';

describe('numbers as Java reads them from text', () => {
  it.each<[string, JavaNumber['type'], JavaNumber | undefined]>([
    ['9', 'int', int(9n)],
    ['+009', 'int', int(9n)],
    ['٩', 'int', int(9n)],
    ['१९', 'int', int(19n)],
    ['𝟗', 'int', undefined],
    ['9.0', 'int', undefined],
    [' 9', 'int', undefined],
    ['', 'int', undefined],
    ['-', 'int', undefined],
    ['2147483647', 'int', int(2147483647n)],
    ['2147483648', 'int', undefined],
    ['2147483648', 'long', long(2147483648n)],
    ['-9223372036854775808', 'long', long(-9223372036854775808n)],
    ['9223372036854775808', 'long', undefined],
    ['9', 'big', undefined],
    [' 9.5\t', 'double', double(9.5)],
    ['9d', 'double', double(9)],
    ['.5F', 'double', double(0.5)],
    ['5.', 'double', double(5)],
    ['.', 'double', undefined],
    ['1e400', 'double', double(Infinity)],
    ['-Infinity', 'double', double(-Infinity)],
    ['+NaN', 'double', double(NaN)],
    ['infinity', 'double', undefined],
    ['0x1p3', 'double', double(8)],
    ['-0x.8P1', 'double', double(-1)],
    ['0x0p9999', 'double', double(0)],
    ['0x10', 'double', undefined],
    ['٩', 'double', undefined],
    ['1_0', 'double', undefined],
  ])('%j as %s', (text, type, expected) => {
    expect(parseJavaNumber(text, type)).toEqual(expected);
  });
});

describe('values as Java writes them', () => {
  it.each([
    [double(1), '1.0'],
    [double(-0), '-0.0'],
    [double(0.1), '0.1'],
    [double(0.001), '0.001'],
    [double(0.0001), '1.0E-4'],
    [double(9_999_999), '9999999.0'],
    [double(1e7), '1.0E7'],
    [double(1.25e22), '1.25E22'],
    [double(NaN), 'NaN'],
    [double(-Infinity), '-Infinity'],
    [long(-5n), '-5'],
    [true, 'true'],
  ])('%o', (value, expected) => {
    expect(javaString(value)).toBe(expected);
  });
});

describe('arithmetic as Java does it', () => {
  it.each([
    ['int wraps', calculate('+', int(2147483647n), int(1n)), int(-2147483648n)],
    ['long wraps', calculate('*', long(9223372036854775807n), int(2n)), long(-2n)],
    ['long beside int', calculate('-', int(1n), long(1n)), long(0n)],
    ['division on doubles', calculate('/', int(7n), int(2n)), double(3.5)],
    ['modulo keeps the sign', calculate('%', int(-7n), int(3n)), double(-1)],
    ['NULL', calculate('*', null, 'x'), null],
    ['text', calculate('+', 'a', double(1)), 'a1.0'],
    ['minus of int', negate(int(-2147483648n)), int(-2147483648n)],
    ['minus of text', negate('5'), null],
    ['minus of 2^63', negate({ type: 'big', value: 2n ** 63n }), long(-(2n ** 63n))],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});
