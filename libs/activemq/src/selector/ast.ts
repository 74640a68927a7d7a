import type { ArithmeticOperator } from './arithmetic.js';
import type { ComparisonOperator } from './comparison.js';
import type { JavaValue } from './java-value.js';

/** A part of a parsed selector. `height` is the number of nodes on the longest way down, 1 for a leaf. */
export type Expression = { readonly height: number } & (
  | { readonly kind: 'constant'; readonly value: JavaValue }
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | { readonly kind: 'cast'; readonly operand: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'arithmetic'; readonly operator: ArithmeticOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'comparison'; readonly operator: ComparisonOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'like'; readonly operand: Expression; readonly test: (text: string) => boolean }
  | { readonly kind: 'in'; readonly operand: Expression; readonly values: ReadonlySet<string>; readonly negated: boolean }
  | { readonly kind: 'and'; readonly operands: readonly Expression[] }
  | { readonly kind: 'or'; readonly operands: readonly Expression[] }
);

/** The height of a node above these. */
export function heightOver(...operands: readonly Expression[]): number {
  return 1 + Math.max(...operands.map((operand) => operand.height));
}

/** A literal. */
export function constant(value: JavaValue): Expression {
  return { kind: 'constant', value, height: 1 };
}

/** A boolean to ActiveMQ's parser: may stand in AND, OR and NOT, may not be ordered. NULL counts as one, a property does not. */
export function isBoolean(node: Expression): boolean {
  if (node.kind === 'constant') return node.value === null || typeof node.value === 'boolean';
  return node.kind !== 'property' && node.kind !== 'negate' && node.kind !== 'arithmetic';
}
