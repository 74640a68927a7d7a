import { describe, expect, it } from 'vitest';
import { comment, element, escapeXml } from './xml.js';

describe('escapeXml', () => {
  it('escapes what would end an attribute or start an element', () => {
    expect(escapeXml(`a<b>&"c"'d'`)).toBe('a&lt;b&gt;&amp;&quot;c&quot;&apos;d&apos;');
  });

  it('keeps tab and line ends, which a parser would turn into spaces', () => {
    expect(escapeXml('a\tb\nc\rd')).toBe('a&#9;b&#10;c&#13;d');
  });

  it('passes any other text, pairs of surrogates too', () => {
    expect(escapeXml('Größe 😀 $& ${x}')).toBe('Größe 😀 $&amp; ${x}');
  });

  it.each(['\0', '\u0008', '\u001f', '\ufffe', '\ud800', 'x\udc00y'])('refuses %j, which XML cannot hold', (text) => {
    expect(() => escapeXml(text)).toThrow(RangeError);
  });
});

describe('element', () => {
  it('leaves out attributes that are undefined and keeps false', () => {
    expect(element('policyEntry', { queue: 'a.>', topic: undefined, enableAudit: false, memoryLimit: 64 })).toBe(
      '<policyEntry queue="a.&gt;" enableAudit="false" memoryLimit="64"/>',
    );
  });

  it('indents its children', () => {
    expect(element('a', {}, [element('b', {}, ['<c/>'])])).toBe('<a>\n  <b>\n    <c/>\n  </b>\n</a>');
  });
});

describe('comment', () => {
  it('cannot be ended from inside', () => {
    expect(comment('x --> <evil/>')).toBe('<!-- x - -> <evil/> -->');
  });

  it('goes on below when it is long', () => {
    const lines = comment('word '.repeat(60).trim()).split('\n');
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(125);
    expect(lines.join(' ').match(/word/g)).toHaveLength(60);
  });

  it('holds no double hyphen after a run of them', () => {
    expect(comment('a---b').slice(4, -3)).not.toContain('--');
  });
});
