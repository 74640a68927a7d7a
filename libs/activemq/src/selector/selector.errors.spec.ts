import { describe, expect, it } from 'vitest';
import { isActiveMqError } from '../errors/index.js';
import { parseSelector, SelectorEvaluationError, SelectorSyntaxError } from './index.js';

function refusal(selector: string): SelectorSyntaxError {
  try {
    parseSelector(selector);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return error;
    throw error;
  }
  throw new Error(`accepted: ${selector}`);
}

describe('what a refused selector is told', () => {
  it.each([
    ['', 0, 'expected a value but found the end'],
    ['size >', 6, 'expected a value but found the end'],
    ['size > 5 color', 9, 'expected an operator but found "color"'],
    [`color > 'a'`, 6, 'only numbers and properties can be compared with <, <=, >, >= and BETWEEN'],
    ['color = NULL', 6, 'use IS NULL or IS NOT NULL'],
    [`color = 'red`, 8, 'not closed'],
    ['size # 5', 5, 'unexpected character "#"'],
    ['x-size > "5"', 9, 'unexpected character'],
    [`a LIKE 'x' ESCAPE '!!'`, 2, 'exactly one character'],
    ['a IN (1)', 6, 'expected a string literal but found "1"'],
    [`NOT a IN ('x')`, 6, 'IN needs a property on its left'],
    ['size IS 5', 8, 'expected NULL or NOT NULL but found "5"'],
    ['size = 1 AND 2', 9, 'expected a condition, this is a value'],
    ['size = 0x8000000000000000', 7, '64 bits'],
    ['REGEX(a, b)', 0, 'functions are not supported by this broker'],
    [`XPATH '//a'`, 0, 'XPATH is not supported by this broker'],
  ])('%s', (selector, position, reason) => {
    const error = refusal(selector);
    expect(error).toMatchObject({ name: 'SelectorSyntaxError', selector, position, retryable: false });
    expect(error.message).toContain(`is invalid at character ${position + 1}: `);
    expect(error.message).toContain(reason);
    expect(isActiveMqError(error)).toBe(true);
  });

  it.each([
    ['REGEX(a, b)', true],
    [`XPATH '//a'`, true],
    [`${'NOT '.repeat(300)}a`, true],
    ['size >', false],
    ["'a", false],
  ])('of %s says whether a broker may understand it: %s', (selector, isBeyondParser) => {
    expect(refusal(selector).isBeyondParser).toBe(isBeyondParser);
  });

  it('shows a long selector in part only', () => {
    const error = refusal(`color = '${'x'.repeat(5_000)}' AND`);
    expect(error.message.length).toBeLessThan(300);
    expect(error.selector.length).toBeGreaterThan(5_000);
  });
});

describe('a selector that cannot be evaluated on a message', () => {
  it.each(['secret - 1 > 3', 'TRUE = secret'])('%s: throws, and keeps the header values to itself', (text) => {
    const selector = parseSelector(text);
    const evaluate = () => selector.matches({ property: () => 'hunter2' });
    expect(evaluate).toThrow(SelectorEvaluationError);
    expect(evaluate).not.toThrow(/hunter2/);
  });
});
