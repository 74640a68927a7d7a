import { describe, expect, it } from 'vitest';
import { MAX_SELECTOR_DEPTH, MAX_SELECTOR_LENGTH, parseSelector, type SelectableMessage, SelectorSyntaxError } from './index.js';

const EMPTY: SelectableMessage = { property: () => undefined };
/** ms; on a slow machine the worst of these takes a fifth of it, while one that grew with the square of its input would take far longer. */
const PATIENCE = 1_000;

function elapsed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function fill(unit: string, tail = ''): string {
  return unit.repeat(Math.floor((MAX_SELECTOR_LENGTH - tail.length) / unit.length)) + tail;
}

describe('limits of a selector', () => {
  it('takes the longest selector there may be, and no longer one', () => {
    expect(parseSelector(`a = '${'x'.repeat(MAX_SELECTOR_LENGTH - 6)}'`).matches(EMPTY)).toBe(false);
    expect(() => parseSelector(`a = '${'x'.repeat(MAX_SELECTOR_LENGTH - 5)}'`)).toThrow(/characters long/);
  });

  it('takes chains of AND and OR of any length', () => {
    expect(parseSelector(fill('a=1OR ', 'TRUE')).matches(EMPTY)).toBe(true);
    expect(parseSelector(fill('1=1AND ', 'TRUE')).matches(EMPTY)).toBe(true);
  });

  it.each([
    ['brackets', (depth: number) => `${'('.repeat(depth - 1)}TRUE${')'.repeat(depth - 1)}`],
    ['NOT', (depth: number) => `${'NOT '.repeat(depth - 1)}TRUE`],
    ['minus', (depth: number) => `${'- '.repeat(depth - 2)}a = 1`],
    ['sums', (depth: number) => `a${' + 1'.repeat(depth - 2)} = 1`],
    ['comparisons', (depth: number) => `a${' = 1'.repeat(depth - 1)}`],
    ['IS NULL', (depth: number) => `a${' IS NULL'.repeat(depth - 1)}`],
    ['LIKE', (depth: number) => `a${" LIKE 'x'".repeat(depth - 1)}`],
  ])('stops %s at the depth limit, not at the end of the stack', (_, nest) => {
    expect(() => parseSelector(nest(MAX_SELECTOR_DEPTH)).matches(EMPTY)).not.toThrow();
    expect(() => parseSelector(nest(MAX_SELECTOR_DEPTH + 2))).toThrow(/nests deeper than 200 levels/);
    expect(() => parseSelector(nest(1_000))).toThrow(/nests deeper than 200 levels/);
  });

  it.each(
    [
      ['(', ''],
      ['NOT ', ''],
      ['--', ''],
      ['/*', ''],
      ['/**', ''],
      ["''", ''],
      ["'", ''],
      ['9', ''],
      ['0', '8'],
      ['1e', ''],
      ['1.', ''],
      ['a ', ''],
      ["a LIKE'%'AND ", 'TRUE'],
      ['a AND ', 'TRUE'],
      ['1=1OR ', 'TRUE'],
      ['😀', ''],
    ].map(([unit = '', tail = '']) => ({ unit, tail })),
  )('answers 10 KiB of $unit soon', ({ unit, tail }) => {
    const selector = fill(unit, tail);
    const spent = elapsed(() => {
      try {
        parseSelector(selector).matches(EMPTY);
      } catch (error) {
        if (!(error instanceof SelectorSyntaxError)) throw error;
      }
    });
    expect(spent).toBeLessThan(PATIENCE);
  });

  it.each([
    ['a run of % between letters', '%a'.repeat(2_000), 'a'.repeat(10_000)],
    ['a long tail that almost fits', `%${'a'.repeat(5_000)}b`, 'a'.repeat(10_000)],
    ['a run of _', `%${'_'.repeat(5_000)}b`, 'a'.repeat(10_000)],
    ['pairs', '%a_'.repeat(1_500), 'ab'.repeat(5_000)],
  ])('LIKE with %s ends soon', (_, pattern, text) => {
    const selector = parseSelector(`a LIKE '${pattern}'`);
    expect(elapsed(() => selector.matches({ property: () => text }))).toBeLessThan(PATIENCE);
  });

  it.each([
    '9'.repeat(10_000),
    ' '.repeat(10_000),
    `${' '.repeat(5_000)}9${' '.repeat(5_000)}x`,
    `0x${'f'.repeat(9_000)}p1`,
    '٣'.repeat(5_000),
  ])('reads a hostile header as a number soon (%#)', (header) => {
    for (const text of ['a > 5', 'a > 5.0', 'a > 3000000000']) {
      const selector = parseSelector(text);
      expect(elapsed(() => selector.matches({ property: () => header }))).toBeLessThan(PATIENCE);
    }
  });

  it('runs nothing: names and strings are only looked up and compared', () => {
    const asked: string[] = [];
    const selector = parseSelector(`constructor = 'process.exit(1)' OR __proto__ IS NULL`);
    const matched = selector.matches({
      property: (name) => {
        asked.push(name);
        return undefined;
      },
    });
    expect({ matched, asked }).toEqual({ matched: true, asked: ['constructor', '__proto__'] });
  });
});
