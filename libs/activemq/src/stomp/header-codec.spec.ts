import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeaderText, encodeHeaderText, hasEscapedHeaders } from './header-codec.js';

describe('header text', () => {
  it.each([
    ['a:b', 'a\\cb'],
    ['line\nfeed', 'line\\nfeed'],
    ['carriage\rreturn', 'carriage\\rreturn'],
    ['back\\slash', 'back\\\\slash'],
    [':\r\n\\', '\\c\\r\\n\\\\'],
    ['\\n', '\\\\n'],
    ['', ''],
    ['größe 漢 😀 \0', 'größe 漢 😀 \0'],
  ])('%j stands on the wire as %j', (text, wire) => {
    expect(encodeHeaderText(text)).toBe(wire);
    expect(decodeHeaderText(wire)).toBe(text);
  });

  it.each(['a\\tb', '\\', 'ends in \\', '\\x\\'])('keeps the unknown escape in %j literally, as ActiveMQ does', (wire) => {
    expect(decodeHeaderText(wire)).toBe(wire);
  });

  it('decodes what follows an unknown escape', () => {
    expect(decodeHeaderText('\\t\\c\\\\n')).toBe('\\t:\\n');
  });

  it('comes back as it was, and needs no line break or colon on the wire', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom('\\', ':', '\n', '\r', 'n', 'c', 'r'), fc.string({ unit: 'grapheme' })) }),
        (text) => {
          const wire = encodeHeaderText(text);
          expect(wire).not.toMatch(/[\r\n:]/);
          expect(decodeHeaderText(wire)).toBe(text);
        },
      ),
    );
  });

  it('is not escaped in the frames that negotiate the version', () => {
    expect(['CONNECT', 'STOMP', 'CONNECTED', 'SEND', 'MESSAGE', 'ERROR'].filter(hasEscapedHeaders)).toEqual(['SEND', 'MESSAGE', 'ERROR']);
  });
});
