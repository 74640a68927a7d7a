import { describe, expect, it } from 'vitest';
import { KNOWN_DIFFERENCES, REDELIVERY_CASES, SELECTOR_CASES } from '../../../../test/conformance/selectors.cases.js';
import { ERROR, MESSAGES, selectByParser } from '../../../../test/conformance/selectors.fixture.js';
import { parseSelector, SelectorSyntaxError } from './index.js';

describe('selectors, by the table that real brokers are held to', () => {
  it('has at least 200 lines, valid and not', () => {
    const all = Object.values(SELECTOR_CASES).flat();
    expect(new Set(all.map(([selector]) => selector)).size).toBeGreaterThanOrEqual(200);
    expect(all.filter(([, selected]) => selected === ERROR).length).toBeGreaterThanOrEqual(50);
  });

  describe.each(Object.entries(SELECTOR_CASES))('%s', (_, cases) => {
    it.each(cases.map(([selector, ...expected]) => ({ selector, expected })))('$selector', ({ selector, expected }) => {
      expect(selectByParser(selector, MESSAGES)).toEqual(expected);
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

  it.each(KNOWN_DIFFERENCES)('refuses what it does not support, and says so (%#)', (selector, refusal) => {
    expect(() => parseSelector(selector)).toThrow(SelectorSyntaxError);
    expect(() => parseSelector(selector)).toThrow(refusal);
  });
});
