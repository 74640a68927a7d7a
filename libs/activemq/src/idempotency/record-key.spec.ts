import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { idempotencyRecordKey } from './record-key.js';

describe('idempotencyRecordKey', () => {
  it('puts application, scope and key together', () => {
    expect(idempotencyRecordKey({ app: 'shop', scope: 'billing', key: '0197' })).toBe('shop:billing:0197');
    expect(idempotencyRecordKey({ scope: 'billing', key: 'order:7' })).toBe(':billing:order:7');
  });

  it.each([
    ['more than 200 bytes', 'ü'.repeat(101)],
    ['ten megabytes', 'x'.repeat(10_000_000)],
    ['NUL', 'a\0b'],
    ['a line end', 'a\nb'],
    ['what looks like a hash already', 'sha256:abc'],
  ])('hashes a key with %s', (_, key) => {
    expect(idempotencyRecordKey({ scope: 's', key })).toMatch(/^:s:sha256:[0-9a-f]{64}$/);
  });

  it('keeps emoji, and 200 bytes', () => {
    expect(idempotencyRecordKey({ scope: 's', key: '😀' })).toBe(':s:😀');
    expect(idempotencyRecordKey({ scope: 's', key: 'ü'.repeat(100) })).toBe(`:s:${'ü'.repeat(100)}`);
  });

  it('keeps apart what is the same in UTF-8', () => {
    const [one, two] = ['\ud800', '\ud801'].map((key) => idempotencyRecordKey({ scope: 's', key }));
    expect(one).not.toBe(two);
    expect(one).toMatch(/^:s:sha256-utf16:[0-9a-f]{64}$/);
  });

  it('never gives two messages one key', () => {
    const part = fc.string({ unit: fc.constantFrom('a', ':', '%', '0', '\0', '\ud800', '\ud801', '\u{1f600}', 'sha256'), maxLength: 4 });
    const parts = fc.record({ app: part, scope: part, key: part });
    fc.assert(
      fc.property(parts, parts, (one, two) => {
        const same = one.app === two.app && one.scope === two.scope && one.key === two.key;
        expect(idempotencyRecordKey(one) === idempotencyRecordKey(two)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });
});
