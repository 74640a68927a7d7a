import { calculate, negate } from './arithmetic.js';
import type { Expression } from './ast.js';
import { compare } from './comparison.js';
import { double, fitsInt, int, type JavaValue, long } from './java-value.js';
import type { SelectableMessage } from './selectable-message.js';

/** Java's `long` headers: a string is read as a long beside them, and arithmetic does not wrap at 32 bits. */
const LONG_PROPERTIES: ReadonlySet<string> = new Set([
  'JMSTimestamp',
  'JMSExpiration',
  'JMSActiveMQBrokerInTime',
  'JMSActiveMQBrokerOutTime',
]);

function property(name: string, message: SelectableMessage): JavaValue {
  const value = message.property(name);
  if (value === undefined) return null;
  if (typeof value !== 'number') return value;
  if (!Number.isInteger(value)) return double(value);
  const whole = BigInt(value);
  return LONG_PROPERTIES.has(name) || !fitsInt(whole) ? long(whole) : int(whole);
}

/** SQL's AND and OR: the deciding value ends it, NULL is remembered, and what follows NULL is still evaluated. */
function logic(operands: readonly Expression[], deciding: boolean, message: SelectableMessage): boolean | null {
  let result: boolean | null = !deciding;
  for (const operand of operands) {
    const value = evaluate(operand, message);
    if (value === deciding) return deciding;
    if (value === null) result = null;
  }
  return result;
}

/** Java looks at the right side only when the left is not NULL; that decides whether a fault there is noticed. */
function calculated(node: Of<'arithmetic'>, message: SelectableMessage): JavaValue {
  const left = evaluate(node.left, message);
  return left === null ? null : calculate(node.operator, left, evaluate(node.right, message));
}

function compared(node: Of<'comparison'>, message: SelectableMessage): JavaValue {
  const left = evaluate(node.left, message);
  // Equality alone looks at both sides always: two NULLs are equal.
  return left === null && node.operator !== '=' ? null : compare(node.operator, left, evaluate(node.right, message));
}

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;
type Evaluators = { readonly [K in Expression['kind']]: (node: Of<K>, message: SelectableMessage) => JavaValue };

const EVALUATORS: Evaluators = {
  constant: (node) => node.value,
  property: (node, message) => property(node.name, message),
  negate: (node, message) => negate(evaluate(node.operand, message)),
  arithmetic: calculated,
  comparison: compared,
  and: (node, message) => logic(node.operands, false, message),
  or: (node, message) => logic(node.operands, true, message),
  cast: (node, message) => {
    const value = evaluate(node.operand, message);
    return value === null ? null : value === true;
  },
  not: (node, message) => {
    const value = evaluate(node.operand, message);
    return value === null ? null : value === false;
  },
  like: (node, message) => {
    const value = evaluate(node.operand, message);
    return value === null ? null : typeof value === 'string' && node.test(value);
  },
  in: (node, message) => {
    const value = evaluate(node.operand, message);
    return typeof value === 'string' ? node.values.has(value) !== node.negated : null;
  },
};

function evaluate(node: Expression, message: SelectableMessage): JavaValue {
  const evaluator = EVALUATORS[node.kind] as (node: Expression, message: SelectableMessage) => JavaValue;
  return evaluator(node, message);
}

/**
 * Whether a parsed selector is TRUE for a message; neither FALSE nor NULL is a match.
 *
 * At the top, AND stops at the first operand that is not TRUE, so a fault behind it goes unnoticed, as in ActiveMQ.
 *
 * @throws SelectorEvaluationError where ActiveMQ throws.
 */
export function matches(node: Expression, message: SelectableMessage): boolean {
  if (node.kind === 'and') return node.operands.every((operand) => matches(operand, message));
  if (node.kind === 'or') return node.operands.some((operand) => matches(operand, message));
  return evaluate(node, message) === true;
}
