import { describe, expect, it } from 'vitest';

import { hyphenatedNames } from './hyphenated-names.js';

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
