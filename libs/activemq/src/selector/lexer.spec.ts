import { describe, expect, it } from 'vitest';
import { tokenize } from './lexer.js';
import { SelectorSyntaxError } from './selector.errors.js';

function kinds(text: string): string {
  return tokenize(text)
    .map(({ kind, text }) => (kind === text || kind === 'end' ? kind : `${kind}:${text}`))
    .join(' ');
}

describe('tokenize', () => {
  it.each([
    ['a<=1', 'name:a <= decimal:1 end'],
    ['a< =1', 'name:a < = decimal:1 end'],
    ['notx NOT', 'name:notx NOT end'],
    ['$a_1', 'name:$a_1 end'],
    ['1L2', 'decimal:1L decimal:2 end'],
    ['010 08', 'octal:010 octal:0 decimal:8 end'],
    ['0x1G', 'hex:0x1 name:G end'],
    ['1.e5 .5 5. 5e-1', 'float:1.e5 float:.5 float:5. float:5e-1 end'],
    ['1e', 'decimal:1 name:e end'],
    [`'it''s'''`, `string:it's' end`],
    ['a--b', 'name:a - - name:b end'],
    ['a--b\nc', 'name:a name:c end'],
    ['a/**//***/b', 'name:a name:b end'],
    ['a/*b', 'name:a / * name:b end'],
  ])('%j', (text, expected) => {
    expect(kinds(text)).toBe(expected);
  });

  it('gives each token its place', () => {
    expect(tokenize(` a /* */ = 'x'`).map(({ position }) => position)).toEqual([1, 9, 11, 14]);
  });

  it.each(['ü', '"', '😀', "'open", '!', '\u00a0'])('refuses %j', (text) => {
    expect(() => tokenize(`a = ${text}`)).toThrow(SelectorSyntaxError);
  });
});
