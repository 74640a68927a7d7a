import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { resolvePlaceholders } from './placeholders.js';

const values: Record<string, string> = { 'orders.queue': 'orders', empty: '', money: '$&$1$$', nested: '${other}' };
const resolve = (text: string) => resolvePlaceholders('here', text, (key) => values[key]);

describe('resolvePlaceholders', () => {
  it.each([
    ['${orders.queue}', 'orders'],
    ['queue://${orders.queue}.retry', 'queue://orders.retry'],
    ['${orders.queue},${orders.queue}', 'orders,orders'],
    ['${ orders.queue }', 'orders'],
    ['${missing:fallback}', 'fallback'],
    ['${orders.queue:fallback}', 'orders'],
    ['${missing:}', ''],
    ['${missing:topic://a}', 'topic://a'],
    ['${empty:fallback}', ''],
    ['${money}', '$&$1$$'],
    ['${nested}', '${other}'],
    ['plain', 'plain'],
    ['price > 5 AND $x = 1', 'price > 5 AND $x = 1'],
  ])('%s becomes %j', (text, expected) => {
    expect(resolve(text)).toBe(expected);
  });

  it('takes the default where there is no resolver', () => {
    expect(resolvePlaceholders('here', '${missing:fallback}', undefined)).toBe('fallback');
  });

  it('names the placeholder and both cures', () => {
    expect(() => resolve('${missing}')).toThrow(ConfigurationError);
    expect(() => resolve('${missing}')).toThrow(
      'here: the placeholder ${missing} has no value; give it a value, or a default as in ${missing:value}',
    );
    expect(() => resolvePlaceholders('here', '${missing}', undefined)).toThrow(/set `placeholders` in ActiveMqModule\.forRoot\(\)/);
  });
});
