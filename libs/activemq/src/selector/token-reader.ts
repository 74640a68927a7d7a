import { OperandError } from './build.js';
import { type Token, type TokenKind, tokenize } from './lexer.js';
import { SelectorSyntaxError } from './selector.errors.js';

/** Reads the tokens of one selector from left to right; every fault it raises is a {@link SelectorSyntaxError} with its place. */
export class TokenReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  /** The token `ahead` of the next one, which is 0; the end token beyond the end. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#next + ahead] ?? { kind: 'end', text: '', position: this.#text.length };
  }

  /** Takes the next token if it is of this kind. */
  take(kind: TokenKind): Token | undefined {
    const token = this.peek();
    if (token.kind !== kind) return undefined;
    this.#next++;
    return token;
  }

  /** Takes the next two tokens if they are of these kinds. */
  takePair(first: TokenKind, second: TokenKind): boolean {
    if (this.peek().kind !== first || this.peek(1).kind !== second) return false;
    this.#next += 2;
    return true;
  }

  /** Takes the next token, which must be of this kind. */
  expect(kind: TokenKind, what: string): Token {
    return this.take(kind) ?? this.fail(`expected ${what} but found ${this.#found()}`);
  }

  /** Runs a step and gives its {@link OperandError} the place where the step began. */
  at<T>(position: number, step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof OperandError) return this.fail(error.reason, position);
      throw error;
    }
  }

  /** Raises a fault, at the next token by default. */
  fail(reason: string, position = this.peek().position): never {
    throw new SelectorSyntaxError(this.#text, position, reason);
  }

  /** Raises that this parser does not know what stands at the next token, and that a broker may. */
  beyond(reason: string): never {
    throw new SelectorSyntaxError(this.#text, this.peek().position, reason, true);
  }

  /** Raises that something else was expected here. */
  unexpected(what: string): never {
    return this.fail(`expected ${what} but found ${this.#found()}`);
  }

  #found(): string {
    const token = this.peek();
    if (token.kind === 'end') return 'the end';
    return token.kind === 'string' ? 'a string' : `"${token.text.slice(0, 40)}"`;
  }
}
