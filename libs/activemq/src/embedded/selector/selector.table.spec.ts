import { describe, expect, it } from 'vitest';
import { KNOWN_DIFFERENCES, REDELIVERY_CASES, SELECTOR_CASES } from '../../../../../test/conformance/selectors.cases.js';
import { ERROR, MESSAGES, propertiesOf } from '../../../../../test/conformance/selectors.fixture.js';
import { parseSelector, type Selector, SelectorEvaluationError, SelectorSyntaxError } from './index.js';

function parse(selector: string): Selector | undefined {
  try {
    return parseSelector(selector);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return undefined;
    throw error;
  }
}

function outcome(selector: Selector, headers: Readonly<Record<string, string>>): boolean | 'fails' {
  const properties = propertiesOf(headers);
  try {
    return selector.matches({ property: (name) => properties.get(name) });
  } catch (error) {
    if (error instanceof SelectorEvaluationError) return 'fails';
    throw error;
  }
}

/** What the real broker does with the messages, as the table writes it. */
function select(text: string): string[] {
  const selector = parse(text);
  if (selector === undefined) return [ERROR];
  const outcomes = Object.entries(MESSAGES).map(([name, headers]) => ({ name, is: outcome(selector, headers) }));
  const named = (wanted: boolean | 'fails') => outcomes.flatMap(({ name, is }) => (is === wanted ? [name] : [])).join(' ');
  return named('fails') === '' ? [named(true)] : [named(true), named('fails')];
}

describe('selectors, by the table that real brokers are held to', () => {
  it('has at least 200 lines, valid and not', () => {
    const all = Object.values(SELECTOR_CASES).flat();
    expect(new Set(all.map(([selector]) => selector)).size).toBeGreaterThanOrEqual(200);
    expect(all.filter(([, selected]) => selected === ERROR).length).toBeGreaterThanOrEqual(50);
  });

  describe.each(Object.entries(SELECTOR_CASES))('%s', (_, cases) => {
    it.each(cases.map(([selector, ...expected]) => ({ selector, expected })))('$selector', ({ selector, expected }) => {
      expect(select(selector)).toEqual(expected);
    });
  });

  it.each(REDELIVERY_CASES)('of messages that were delivered before: %s', (text, fresh, returned) => {
    const selector = parseSelector(text);
    const matches = (deliveries: number) =>
      selector.matches({
        property: (name) =>
          new Map<string, number | boolean>([
            ['JMSXDeliveryCount', deliveries],
            ['JMSRedelivered', deliveries > 1],
          ]).get(name),
      });
    expect([matches(1), matches(2)]).toEqual([fresh, returned]);
  });

  it.each(KNOWN_DIFFERENCES)('refuses what it does not support, and says so: %s', (selector, refusal) => {
    expect(() => parseSelector(selector)).toThrow(SelectorSyntaxError);
    expect(() => parseSelector(selector)).toThrow(refusal);
  });
});
