import { type Expression, heightOver } from './ast.js';
import { among, asBoolean, between, equal, isNull, logic, not, ordered } from './build.js';
import { MAX_SELECTOR_DEPTH, MAX_SELECTOR_LENGTH } from './limits.js';
import { likeMatcher } from './like.js';
import { literal } from './literals.js';
import { SelectorSyntaxError } from './selector.errors.js';
import { TokenReader } from './token-reader.js';

/** Recursive descent over ActiveMQ's grammar, with its precedence: NOT binds tighter than every comparison. */
class Parser {
  readonly #tokens: TokenReader;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = new TokenReader(text);
  }

  selector(): Expression {
    const node = this.#build(0, () => asBoolean(this.#or()));
    if (this.#tokens.peek().kind !== 'end') this.#tokens.unexpected('an operator');
    return node;
  }

  /** Builds a node, with the place for its faults, and holds it to the depth limit. */
  #build(position: number, step: () => Expression): Expression {
    const node = this.#tokens.at(position, step);
    if (node.height > MAX_SELECTOR_DEPTH) this.#tooDeep();
    return node;
  }

  #tooDeep(): never {
    return this.#tokens.beyond(`it nests deeper than ${MAX_SELECTOR_DEPTH} levels`);
  }

  #or(): Expression {
    return this.#logic('or', () => this.#logic('and', () => this.#equality()));
  }

  #logic(kind: 'and' | 'or', operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = this.#tokens.take(kind === 'and' ? 'AND' : 'OR');
      if (operator === undefined) return left;
      const right = operand();
      const before = left;
      left = this.#build(operator.position, () => logic(kind, before, right));
    }
  }

  #equality(): Expression {
    let node = this.#comparison();
    for (;;) {
      const next = this.#equalityOver(node);
      if (next === undefined) return node;
      node = next;
    }
  }

  #equalityOver(left: Expression): Expression | undefined {
    const { kind, position } = this.#tokens.peek();
    if (this.#tokens.take('=')) {
      const right = this.#comparison();
      return this.#build(position, () => equal(left, right));
    }
    if (this.#tokens.take('<>')) {
      const right = this.#comparison();
      return this.#build(position, () => not(equal(left, right)));
    }
    if (kind !== 'IS') return undefined;
    this.#tokens.take('IS');
    const negated = this.#tokens.take('NOT') !== undefined;
    this.#tokens.expect('NULL', negated ? 'NULL' : 'NULL or NOT NULL');
    return this.#build(position, () => (negated ? not(isNull(left)) : isNull(left)));
  }

  #comparison(): Expression {
    let node = this.#sum();
    for (;;) {
      const next = this.#comparisonOver(node);
      if (next === undefined) return node;
      node = next;
    }
  }

  #comparisonOver(left: Expression): Expression | undefined {
    const { position } = this.#tokens.peek();
    for (const operator of ['>', '>=', '<', '<='] as const) {
      if (this.#tokens.take(operator)) {
        const right = this.#sum();
        return this.#build(position, () => ordered(operator, left, right));
      }
    }
    for (const keyword of ['LIKE', 'BETWEEN', 'IN'] as const) {
      const negated = this.#tokens.takePair('NOT', keyword);
      if (!negated && this.#tokens.take(keyword) === undefined) continue;
      if (keyword === 'LIKE') return this.#like(negated, left, position);
      if (keyword === 'IN') return this.#in(negated, left, position);
      const low = this.#sum();
      this.#tokens.expect('AND', 'AND of BETWEEN');
      const high = this.#sum();
      return this.#build(position, () => between(negated, left, low, high));
    }
    return undefined;
  }

  #like(negated: boolean, operand: Expression, position: number): Expression {
    const pattern = this.#string();
    const escape = this.#tokens.take('ESCAPE') ? this.#string() : undefined;
    if (escape !== undefined && escape.length !== 1) this.#tokens.fail('ESCAPE needs a string of exactly one character', position);
    const node: Expression = { kind: 'like', operand, test: likeMatcher(pattern, escape), height: heightOver(operand) };
    return this.#build(position, () => (negated ? not(node) : node));
  }

  #in(negated: boolean, operand: Expression, position: number): Expression {
    this.#tokens.expect('(', 'a list in parentheses');
    const values = [this.#string()];
    while (this.#tokens.take(',')) values.push(this.#string());
    this.#tokens.expect(')', '"," or ")"');
    return this.#build(position, () => among(negated, operand, values));
  }

  #string(): string {
    return this.#tokens.expect('string', 'a string literal').text;
  }

  #sum(): Expression {
    return this.#arithmetic(['+', '-'], () => this.#arithmetic(['*', '/', '%'], () => this.#unary()));
  }

  #arithmetic(operators: readonly ('+' | '-' | '*' | '/' | '%')[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const { position } = this.#tokens.peek();
      const operator = operators.find((candidate) => this.#tokens.take(candidate));
      if (operator === undefined) return left;
      const right = operand();
      const before = left;
      left = this.#build(position, () => ({ kind: 'arithmetic', operator, left: before, right, height: heightOver(before, right) }));
    }
  }

  /** The only way back to the top of the grammar, so the depth of recursion is counted here. */
  #unary(): Expression {
    if (++this.#depth > MAX_SELECTOR_DEPTH) this.#tooDeep();
    const node = this.#unaryOrPrimary();
    this.#depth--;
    return node;
  }

  #unaryOrPrimary(): Expression {
    const { kind, position } = this.#tokens.peek();
    if (this.#tokens.take('+')) return this.#unary();
    if (this.#tokens.take('-')) {
      const operand = this.#unary();
      return this.#build(position, () => ({ kind: 'negate', operand, height: heightOver(operand) }));
    }
    if (this.#tokens.take('NOT')) {
      const operand = this.#unary();
      return this.#build(position, () => not(operand));
    }
    if (kind === 'XPATH' || kind === 'XQUERY') return this.#tokens.beyond(`${kind} is not supported by this broker, select by headers`);
    return this.#primary();
  }

  #primary(): Expression {
    const token = this.#tokens.peek();
    if (token.kind === 'name' && this.#tokens.peek(1).kind === '(') {
      return this.#tokens.beyond(`functions are not supported by this broker, "${token.text.slice(0, 40)}" neither`);
    }
    if (this.#tokens.take('name')) return { kind: 'property', name: token.text, height: 1 };
    if (this.#tokens.take('(')) {
      const node = this.#or();
      this.#tokens.expect(')', '")"');
      return node;
    }
    const value = this.#tokens.at(token.position, () => literal(token));
    if (value === undefined) return this.#tokens.unexpected('a value');
    this.#tokens.take(token.kind);
    return value;
  }
}

/**
 * Parses a selector into its tree.
 *
 * @throws SelectorSyntaxError where ActiveMQ refuses it, beyond {@link MAX_SELECTOR_LENGTH} or {@link MAX_SELECTOR_DEPTH}, and for the
 * extensions XPATH, XQUERY and functions (REGEX, REPLACE, SPLIT, INLIST, MAKELIST).
 */
export function parse(text: string): Expression {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw new SelectorSyntaxError(text, MAX_SELECTOR_LENGTH, `it is ${text.length} characters long, ${MAX_SELECTOR_LENGTH} are allowed`);
  }
  return new Parser(text).selector();
}
