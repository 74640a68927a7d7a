import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../../errors/index.js';
import { namePattern } from './name-pattern.js';

const NAMES = [
  '',
  'a',
  'b',
  'ab',
  'aab',
  'abab',
  'orders',
  'orders.eu',
  'orders.eu.1',
  'xorders',
  'a-b',
  'a.b',
  'A',
  '7',
  '😀',
  'a\nb',
  ']',
  'a b',
];

describe('dropOnly patterns', () => {
  it.each([
    '',
    'a',
    'orders',
    '^orders$',
    '^orders\\..*',
    'orders(\\.eu)?',
    '(?:orders|a)\\..+',
    'a|b',
    '^a$|^ab$',
    'a*b',
    '(ab)+',
    '(a|ab)(b|ab)*',
    '(a*)*b',
    '(a+)+',
    '((a?)*)*',
    '[a-c]+',
    '[^a]',
    '[^a-c.]*',
    '[\\].-]',
    '.',
    '.*',
    'a.b',
    '\\w+',
    '\\W',
    '\\d',
    '\\D*',
    'a\\sb',
    '\\S+',
    '()',
    'a||b',
    '[a-]+b',
    '😀',
    '[^b]b',
  ])('%s matches what the platform matches', (pattern) => {
    // Anchored as Java's matches() is; the flag makes it count code points as Java does.
    const platform = new RegExp(`^(?:${pattern})$`, 'u');
    const matches = namePattern(pattern);
    expect(NAMES.filter((name) => matches(name))).toEqual(NAMES.filter((name) => platform.test(name)));
  });

  it.each([
    'a{2}',
    '(?=a)',
    '(?<n>a)',
    'a*?',
    'a++',
    '*a',
    'a**',
    '(a',
    'a)',
    '[a',
    '[]',
    '[z-a]',
    '[a&&b]',
    'a^b',
    '(^a)',
    'a$b',
    '\\b',
    '\\1',
    '\\',
    '\\Qa\\E',
    'x'.repeat(1001),
  ])('%s is refused', (pattern) => {
    expect(() => namePattern(pattern)).toThrow(ConfigurationError);
  });

  it('takes time in proportion to the name, where a backtracking machine would not end', () => {
    const matches = namePattern(`${'(a*)*'.repeat(20)}(a|a)*.*.*.*b`);
    const before = performance.now();
    expect(matches('a'.repeat(10_000))).toBe(false);
    expect(matches(`${'a'.repeat(10_000)}b`)).toBe(true);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
