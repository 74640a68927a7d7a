import { type Expression, constant } from './ast.js';
import { OperandError } from './build.js';
import { double, fitsInt, fitsLong, int, long } from './java-value.js';
import type { Token, TokenKind } from './lexer.js';

function whole(value: bigint): Expression {
  return constant(fitsInt(value) ? int(value) : long(value));
}

function decimal(text: string): Expression {
  const value = BigInt(text.replace(/[lL]$/, ''));
  if (fitsLong(value)) return whole(value);
  // ActiveMQ looks at the low 64 bits only: 2^64 + 1 becomes 1.
  const low = BigInt.asIntN(64, value);
  return constant(fitsInt(low) ? int(low) : { type: 'big', value });
}

function radix(text: string): Expression {
  const value = BigInt(text);
  if (!fitsLong(value)) throw new OperandError('a hexadecimal or octal literal must fit into 64 bits');
  return whole(value);
}

const LITERALS: Partial<Readonly<Record<TokenKind, (text: string) => Expression>>> = {
  string: constant,
  TRUE: () => constant(true),
  FALSE: () => constant(false),
  NULL: () => constant(null),
  decimal,
  float: (text) => constant(double(Number(text))),
  hex: radix,
  octal: (text) => radix(`0o${text}`),
};

/**
 * The constant that a literal token stands for; `undefined` when the token is no literal.
 *
 * @throws OperandError for a hexadecimal or octal literal beyond 64 bits.
 */
export function literal(token: Token): Expression | undefined {
  return LITERALS[token.kind]?.(token.text);
}
