import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DIFFERENCES } from './support/differences.js';

describe('differences between versions', () => {
  it.each(Object.values(DIFFERENCES).map(({ fact }) => fact))('are all in the documentation: %s', async (fact) => {
    const documentation = await readFile(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
    expect(documentation).toContain(fact);
  });
});
