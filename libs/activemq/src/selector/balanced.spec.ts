import { expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { assertBalanced } from './balanced.js';

it.each(['a = 1', "(a = 1) OR (b = ')')", "((a)) AND x = 'it''s ('"])('takes %s', (selector) => {
  expect(() => assertBalanced('Here', selector)).not.toThrow();
});

it.each(['a = 1) OR (b = 2', '(a = 1', 'a = 1)', "')' = a)"])('refuses %s', (selector) => {
  expect(() => assertBalanced('Here', selector)).toThrow(ConfigurationError);
  expect(() => assertBalanced('Here', selector)).toThrow(`Here: the parentheses of \`selector\` do not match: ${selector}`);
});
