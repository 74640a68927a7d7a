import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { assertNoHyphenatedNames, hyphenatedNames } from './hyphenated-names.js';

describe('hyphenatedNames', () => {
  it.each([
    ["my-header = 'EU'", ['my-header']],
    ["x-tenant-id = 'a' AND y-z > 5", ['x-tenant-id', 'y-z']],
    ["region = 'EU-west' AND note = 'it''s a-b'", []],
    ['total - discount > 5', []],
    ['total-1 > 5', []],
    ['JMSExpiration-JMSTimestamp > 5', []],
    ['-size = 5', []],
  ])('of %s are %j', (selector, names) => {
    expect(hyphenatedNames(selector)).toEqual(names);
  });
});

describe('assertNoHyphenatedNames', () => {
  it.each([
    [
      "correlation-id = 'a'",
      'A browse: `selector` reads correlation-id as correlation minus id, which is true of no message; write JMSCorrelationID. ',
    ],
    [
      "content-type = 'x'",
      'select by a header whose name is a Java identifier, such as content_type. A subtraction is written with spaces, content - type',
    ],
  ])('refuses %s and says what to write', (selector, text) => {
    expect(() => assertNoHyphenatedNames('A browse', selector)).toThrow(ConfigurationError);
    expect(() => assertNoHyphenatedNames('A browse', selector)).toThrow(text);
  });

  it('lets a subtraction with spaces pass: peers in Java send numbers', () => {
    expect(() => assertNoHyphenatedNames('A browse', 'total - discount > 5')).not.toThrow();
  });
});
