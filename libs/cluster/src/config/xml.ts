/** An attribute's value; `undefined` leaves the attribute out. */
export type XmlAttribute = string | number | boolean | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Escapes text for an XML attribute in quotes; throws a RangeError on a character that XML 1.0 cannot hold at all. */
export function escapeXml(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(text)) {
    throw new RangeError(`XML cannot hold a control character or half a surrogate pair: ${JSON.stringify(text)}`);
  }
  return text.replace(/[&<>"'\t\n\r]/g, (character) => ENTITIES[character] ?? character);
}

/** One element as text: attributes escaped, children (already XML) indented by two spaces. */
export function element(name: string, attributes: Readonly<Record<string, XmlAttribute>>, children: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('');
  if (children.length === 0) {
    return `<${name}${written}/>`;
  }
  return `<${name}${written}>\n${children.map((child) => indent(child)).join('\n')}\n</${name}>`;
}

/** Columns of a comment's line. */
const COMMENT_WIDTH = 110;

/** A comment on lines of its own; `--` may not stand in one. */
export function comment(text: string): string {
  const lines = [''];
  for (const word of text.replace(/-(?=-)/g, '- ').split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length >= COMMENT_WIDTH) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
  }
  return `<!-- ${lines.join('\n     ')} -->`;
}

function indent(xml: string): string {
  return xml.replace(/^(?=.)/gm, '  ');
}
