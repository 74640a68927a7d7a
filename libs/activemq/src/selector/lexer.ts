import { SelectorSyntaxError } from './selector.errors.js';

/** What the lexer tells apart; keywords and symbols carry their upper-case text as kind. */
export type TokenKind = 'name' | 'string' | 'decimal' | 'hex' | 'octal' | 'float' | 'end' | Keyword | Symbol;

/** One token of a selector. */
export interface Token {
  readonly kind: TokenKind;
  /** The characters of the token; of a string literal, its decoded value. */
  readonly text: string;
  /** Offset of its first character, from 0. */
  readonly position: number;
}

const KEYWORDS = ['NOT', 'AND', 'OR', 'BETWEEN', 'LIKE', 'ESCAPE', 'IN', 'IS', 'TRUE', 'FALSE', 'NULL', 'XPATH', 'XQUERY'] as const;
const SYMBOLS = ['<>', '<=', '>=', '=', '<', '>', '+', '-', '*', '/', '%', '(', ')', ','] as const;
type Keyword = (typeof KEYWORDS)[number];
type Symbol = (typeof SYMBOLS)[number];

const KEYWORD_SET: ReadonlySet<string> = new Set(KEYWORDS);

// Sticky and free of nested quantifiers: each runs in time linear to what it reads. ASCII letters only, as ActiveMQ's tokens.
const SPACE = /[ \t\n\r\f]+/y;
const BLOCK_COMMENT = /\/\*[^*]*\*+(?:[^*/][^*]*\*+)*\//y;
// Without a line end it is no comment to ActiveMQ: `--` is then two minus signs.
const LINE_COMMENT = /--[^\n\r]*(?:\r\n|\n|\r)/y;
const NAME = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const STRING = /'(?:[^']|'')*'/y;
const NUMBERS: readonly (readonly ['float' | 'hex' | 'decimal' | 'octal', RegExp])[] = [
  ['float', /(?:[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)/y],
  ['hex', /0[xX][0-9a-fA-F]+/y],
  ['decimal', /[1-9][0-9]*[lL]?/y],
  ['octal', /0[0-7]*/y],
];

function read(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function readToken(text: string, position: number): { token: Token; length: number } {
  const name = read(NAME, text, position);
  if (name !== undefined) {
    const upper = name.toUpperCase();
    const kind = KEYWORD_SET.has(upper) ? (upper as Keyword) : 'name';
    return { token: { kind, text: name, position }, length: name.length };
  }
  const string = read(STRING, text, position);
  if (string !== undefined) {
    return { token: { kind: 'string', text: string.slice(1, -1).replaceAll("''", "'"), position }, length: string.length };
  }
  for (const [kind, pattern] of NUMBERS) {
    const number = read(pattern, text, position);
    if (number !== undefined) return { token: { kind, text: number, position }, length: number.length };
  }
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, position));
  if (symbol !== undefined) return { token: { kind: symbol, text: symbol, position }, length: symbol.length };
  if (text[position] === "'")
    throw new SelectorSyntaxError(text, position, 'the string literal is not closed; a quote inside is written twice');
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  throw new SelectorSyntaxError(
    text,
    position,
    `unexpected character ${JSON.stringify(character)}; names are made of A-Z, a-z, 0-9, _ and $`,
  );
}

/**
 * Cuts a selector into tokens, the last of kind `end`.
 *
 * @throws SelectorSyntaxError on a character or an unclosed string that starts no token.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  // Asked once, so that many `--` without a line end are not each searched to the end.
  const lastLineEnd = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
  let position = 0;
  while (position < text.length) {
    const skipped =
      read(SPACE, text, position) ??
      read(BLOCK_COMMENT, text, position) ??
      (position < lastLineEnd ? read(LINE_COMMENT, text, position) : undefined);
    if (skipped !== undefined) {
      position += skipped.length;
      continue;
    }
    const { token, length } = readToken(text, position);
    tokens.push(token);
    position += length;
  }
  tokens.push({ kind: 'end', text: '', position: text.length });
  return tokens;
}
