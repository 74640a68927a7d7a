import { type Expression, constant, heightOver, isBoolean } from './ast.js';
import type { ComparisonOperator } from './comparison.js';
import { isJavaNumber } from './java-value.js';

/** Why ActiveMQ's parser refuses operands of these kinds; the parser adds where. */
export class OperandError {
  constructor(readonly reason: string) {}
}

/** An operand of AND, OR and NOT, or the whole selector: a property becomes a cast, which is TRUE for a boolean TRUE only. */
export function asBoolean(node: Expression): Expression {
  if (isBoolean(node)) return node;
  if (node.kind === 'property') return { kind: 'cast', operand: node, height: heightOver(node) };
  throw new OperandError('expected a condition, this is a value');
}

/** NOT of a condition. */
export function not(operand: Expression): Expression {
  const condition = asBoolean(operand);
  return { kind: 'not', operand: condition, height: heightOver(condition) };
}

/** AND and OR; a chain of the same operator becomes one node. */
export function logic(kind: 'and' | 'or', left: Expression, right: Expression): Expression {
  const first = asBoolean(left);
  const last = asBoolean(right);
  const operands = first.kind === kind ? [...first.operands, last] : [first, last];
  return { kind, operands, height: heightOver(...operands) };
}

function checkOrdered(node: Expression): void {
  const isNumberOrUnknown = node.kind === 'constant' ? isJavaNumber(node.value) : !isBoolean(node);
  if (!isNumberOrUnknown) throw new OperandError('only numbers and properties can be compared with <, <=, >, >= and BETWEEN');
}

/** `<`, `<=`, `>`, `>=`: no string, boolean or NULL literal and no condition may stand on either side. */
export function ordered(operator: Exclude<ComparisonOperator, '='>, left: Expression, right: Expression): Expression {
  checkOrdered(left);
  checkOrdered(right);
  return { kind: 'comparison', operator, left, right, height: heightOver(left, right) };
}

/** `=`: no NULL literal on either side, and no TRUE or FALSE on the left of another kind of literal. */
export function equal(left: Expression, right: Expression): Expression {
  for (const side of [left, right]) {
    if (side.kind === 'constant' && side.value === null) throw new OperandError('NULL cannot be compared, use IS NULL or IS NOT NULL');
  }
  if (left.kind === 'constant' && right.kind === 'constant' && isBoolean(left) && !isBoolean(right)) {
    throw new OperandError('a boolean literal cannot be compared with a literal of another kind');
  }
  return { kind: 'comparison', operator: '=', left, right, height: heightOver(left, right) };
}

/** IS NULL. */
export function isNull(left: Expression): Expression {
  return { kind: 'comparison', operator: '=', left, right: constant(null), height: heightOver(left) };
}

/** BETWEEN and NOT BETWEEN, bounds included. */
export function between(negated: boolean, value: Expression, low: Expression, high: Expression): Expression {
  return negated
    ? logic('or', ordered('<', value, low), ordered('>', value, high))
    : logic('and', ordered('>=', value, low), ordered('<=', value, high));
}

/** IN and NOT IN: of a property only, and among strings only. */
export function among(negated: boolean, operand: Expression, values: readonly string[]): Expression {
  if (operand.kind !== 'property')
    throw new OperandError('IN needs a property on its left; NOT goes in front of IN, as in "color NOT IN (\'red\')"');
  return { kind: 'in', operand, values: new Set(values), negated, height: heightOver(operand) };
}
